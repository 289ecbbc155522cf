using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

/// <summary>Weights and images that any program can make again: a hash of the element's index, instead of a random generator.</summary>
internal static class ClosedForm
{
    /// <summary>Float64 <c>offset + scale·u</c> with u in [-1, 1), by row-major index.</summary>
    public static Tensor Uniform(long[] shape, double scale = 1, double offset = 0)
    {
        // In place: the largest has a hundred million elements, and tests run side by side.
        var filled = empty(shape, ScalarType.Float64);
        var values = MemoryMarshal.Cast<byte, double>(filled.bytes);
        for (var index = 0; index < values.Length; index++)
            values[index] = offset + (scale * ((Hash((uint)index) / 4294967296.0 * 2) - 1));
        return filled;
    }

    /// <summary>
    /// Parameters of two or more dimensions become <c>u·√(6·shape[0]/numel)</c>, normalisation weights and layer scales <c>1 + 0.1u</c>,
    /// biases <c>0.1u</c>.
    /// </summary>
    public static void Fill(nn.Module network)
    {
        using var withoutGradients = no_grad();
        foreach (var (name, parameter) in network.named_parameters())
        {
            var isScale = name.EndsWith("layer_scale", StringComparison.Ordinal);
            using var values =
                parameter.dim() >= 2 && !isScale ? Uniform(parameter.shape, Math.Sqrt(6.0 * parameter.shape[0] / parameter.numel()))
                : isScale || name.EndsWith("weight", StringComparison.Ordinal) ? Uniform(parameter.shape, 0.1, 1)
                : Uniform(parameter.shape, 0.1);
            parameter.copy_(values);
        }
    }

    private static uint Hash(uint index)
    {
        var h = index ^ (index >> 16);
        h *= 0x7feb352d;
        h ^= h >> 15;
        h *= 0x2c1b3c6d;
        return h ^ (h >> 16);
    }
}
