using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Architectures;

/// <summary>Weights and images that any program can make again: a hash of the element's index, instead of a random generator.</summary>
internal static class ClosedForm
{
    /// <summary>Float64 in [-1, 1), by row-major index.</summary>
    public static Tensor Uniform(params long[] shape)
    {
        var values = new double[shape.Aggregate(1L, (product, size) => product * size)];
        for (var index = 0; index < values.Length; index++)
            values[index] = (Hash((uint)index) / 4294967296.0 * 2) - 1;
        return tensor(values, shape, ScalarType.Float64);
    }

    /// <summary>
    /// Parameters of two or more dimensions become <c>u·√(6·shape[0]/numel)</c>, normalisation weights <c>1 + 0.1u</c>, biases <c>0.1u</c>.
    /// </summary>
    public static void Fill(nn.Module network)
    {
        using var withoutGradients = no_grad();
        foreach (var (name, parameter) in network.named_parameters())
        {
            using var values = Uniform(parameter.shape);
            using var scaled = parameter.dim() >= 2 ? values * Math.Sqrt(6.0 * parameter.shape[0] / parameter.numel())
                : name.EndsWith("weight", StringComparison.Ordinal) ? 1 + (0.1 * values)
                : 0.1 * values;
            parameter.copy_(scaled);
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
