using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Training.Native;
using TrainHarness.Training.Optimizers;

namespace TrainHarness.Training.Engine;

/// <summary>The ways past TorchSharp's own bindings that a trial took: they change its seconds.</summary>
internal static class UsedNativePaths
{
    public static IEnumerable<NativePath> Of(TrainingPlan plan, TrainingTask task, IOptimizer optimizer)
    {
        if (NativePath.DispatcherBindings.IsAvailable)
            yield return NativePath.DispatcherBindings;
        if (optimizer.NativePath is { } own)
            yield return own;
        foreach (var path in task.NativePaths)
            yield return path;
        if (plan.Recipe.AverageDecay is not null && NativePath.ForeachAverage.IsAvailable)
            yield return NativePath.ForeachAverage;
        if (plan.Recipe.GradientClip is not null && NativePath.ForeachClip.IsAvailable)
            yield return NativePath.ForeachClip;
        if (plan.Recipe.Precision == Precision.Bf16)
            yield return NativePath.AutocastBf16;
        if (plan.Device.type != DeviceType.CUDA)
            yield break;
        if (NativePath.CudnnSettings.IsAvailable)
            yield return NativePath.CudnnSettings;
        if (plan.Architecture.HasBatchNormalisation && NativePath.CudnnBatchNormalisation.IsAvailable)
            yield return NativePath.CudnnBatchNormalisation;
    }
}
