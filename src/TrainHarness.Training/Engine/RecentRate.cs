namespace TrainHarness.Training.Engine;

/// <summary>How fast training has been in its last seconds. A machine that slows down shows at once.</summary>
internal sealed class RecentRate
{
    private const double Seconds = 10;

    // More than one of an older moment would hold nothing.
    private readonly Queue<(double Seconds, long Examples, double Flops)> samples = [];
    private (double Seconds, long Examples, double Flops) last;

    public double ExamplesPerSecond => PerSecond(last.Examples - samples.Peek().Examples);

    public double FlopsPerSecond => PerSecond(last.Flops - samples.Peek().Flops);

    /// <summary>What was before is of no concern, such as what a checkpoint holds.</summary>
    public void Start(double seconds, long examples, double flops)
    {
        samples.Clear();
        Add(seconds, examples, flops);
    }

    /// <param name="seconds">Of training up to now.</param>
    public void Add(double seconds, long examples, double flops)
    {
        last = (seconds, examples, flops);
        samples.Enqueue(last);
        while (samples.Count > 2 && seconds - samples.ElementAt(1).Seconds >= Seconds)
            samples.Dequeue();
    }

    private double PerSecond(double amount) => last.Seconds - samples.Peek().Seconds is > 0 and var span ? amount / span : 0;
}
