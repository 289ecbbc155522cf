using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Kernels;

namespace TrainHarness.Training.Tests.Kernels;

internal static class Requests
{
    public static KernelCheckRequest Of(string architecture) =>
        new()
        {
            Architecture = architecture,
            Classes = 10,
            ImageSize = 64,
            AuxiliaryHeads = false,
            DropPath = null,
            Precision = Precision.Fp32,
            MemoryFormat = MemoryFormat.Contiguous,
            TrainingBatches = [32, 5],
            EvaluationBatches = [128, 7],
            Threads = 1,
        };

    public static LayerErrors Layer(string? wrong = null) =>
        new()
        {
            Layer = "features.0",
            Shape = "2x3x8x8 by 4x3x3x3",
            Forward = 1e-7,
            GradInput = null,
            GradWeight = wrong is null ? 1e-7 : 0.1,
            GradBias = double.NaN,
            Wrong = wrong,
        };

    public static KernelFinding Right(string kernels) => new(kernels, KernelOutcome.Right, null, [Layer()]);

    public static KernelFinding WrongGradWeight(string kernels) =>
        new(kernels, KernelOutcome.Wrong, "grad-weight of features.0 is off by 0.1", [Layer("grad-weight of features.0 is off by 0.1")]);

    public static KernelFinding Bad(string kernels, KernelOutcome outcome) => new(kernels, outcome, "ended with status 136", []);
}
