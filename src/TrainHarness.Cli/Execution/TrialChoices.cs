using TrainHarness.Protocol;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Running;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Cli.Execution;

/// <summary>What is chosen for a CPU before libtorch is loaded.</summary>
internal static class TrialChoices
{
    /// <summary>A study run has chosen for its trials; a trial by itself chooses here.</summary>
    public static void Make(TrialRequest request, CancellationToken cancellation)
    {
        if (request.VerifiedData is not null || request.Device.StartsWith("cuda", StringComparison.Ordinal))
            return;
        WaitPolicy.Now().ChooseHere();
        if (!KernelComparison.IsNeeded || request.Study.Settings is not ImageSettings images)
            return;
        var extent = DatasetPreparation.Measure(images.Dataset, images.Subset, images.PackSize, request.Data, request.CacheFolder);
        using var kernels = new TrialKernels(request.Study, ImageCounts.Of(extent), Console.Error.WriteLine);
        if (kernels.For(request.Trial.Entry, cancellation).GetAwaiter().GetResult() is { } chosen)
            ConvolutionKernels.Choose(chosen);
    }
}
