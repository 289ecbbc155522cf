namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>Numbers of channels that suit hardware, as torchvision rounds them.</summary>
internal static class Channels
{
    private const int Multiple = 8;
    private const double MaxLoss = 0.1;

    /// <summary>The nearest multiple of eight that is not more than a tenth smaller.</summary>
    public static int Eighths(double channels)
    {
        var rounded = Math.Max(Multiple, (int)(channels + (Multiple / 2)) / Multiple * Multiple);
        return rounded < (1 - MaxLoss) * channels ? rounded + Multiple : rounded;
    }
}
