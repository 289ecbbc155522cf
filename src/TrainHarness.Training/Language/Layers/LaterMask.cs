using static TorchSharp.torch;

namespace TrainHarness.Training.Language.Layers;

/// <summary>What is added to scores of attention where a position may look at none behind it.</summary>
public static class LaterMask
{
    /// <summary>Minus infinity for what comes later, else 0: <c>[1, 1, T, T]</c>.</summary>
    public static Tensor Of(long length, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        using TorchSharp.Scalar never = double.NegativeInfinity;
        var mask = full([length, length], never, dtype: type, device: device).triu(1);
        return mask.unsqueeze(0).unsqueeze(0).MoveToOuterDisposeScope();
    }
}
