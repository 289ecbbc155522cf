using TrainHarness.Training.Language.Subwords;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>What is added to scores of attention.</summary>
public static class PaddingMask
{
    /// <summary>Hides the padding of sources <c>[N, S]</c>: <c>[N, 1, 1, S]</c>.</summary>
    public static Tensor Of(Tensor source, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using TorchSharp.Scalar padding = SubwordModel.Padding,
            never = double.NegativeInfinity;
        var mask = zeros(source.shape, dtype: type, device: source.device).masked_fill_(source.eq(padding), never);
        return mask.unsqueeze(1).unsqueeze(1).MoveToOuterDisposeScope();
    }
}
