using TorchSharp;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>
/// Operators over lists of tensors (<c>torch._foreach_*</c>), which TorchSharp does not bind, by way of TorchScript: it takes the numbers that
/// <see cref="Dispatcher"/> cannot pass, and is there in every libtorch. On a GPU a list is a few kernels, not a few for each tensor.
/// </summary>
/// <remarks>Nothing here is recorded for a backward pass. An error of libtorch is an exception.</remarks>
internal static class ListOperators
{
    // Only list operators stand side by side in a function: TorchScript may compile neighbours on single tensors in the middle of a training run.
    private const string Source = """
        def average(averages: List[Tensor], values: List[Tensor], share: float):
            torch._foreach_lerp_(averages, values, share)

        def lengths(tensors: List[Tensor]):
            return torch.stack(torch._foreach_norm(tensors))

        def multiply(tensors: List[Tensor], factor: Tensor):
            torch._foreach_mul_(tensors, factor)

        """;

    private static readonly jit.CompilationUnit Script = jit.compile(Source);

    /// <summary>a ← a + share·(v − a), in place.</summary>
    public static void Average(Tensor[] averages, Tensor[] values, double share) => Invoke("average", [averages, values], share);

    /// <returns>The Euclidean length of each tensor, a vector in the caller's dispose scope.</returns>
    public static Tensor Lengths(Tensor[] tensors) => (Tensor)Invoke("lengths", [tensors])!;

    /// <param name="factor">A scalar on the tensors' device, so that nobody waits for its value.</param>
    public static void Multiply(Tensor[] tensors, Tensor factor) => Invoke("multiply", [tensors, factor]);

    // TorchSharp turns a number into a Scalar that nothing holds during the call: a garbage collection then frees it. These are held.
    private static object? Invoke(string function, object[] tensors, params ReadOnlySpan<double> numbers)
    {
        using var withoutGradients = no_grad();
        var scalars = new Scalar[numbers.Length];
        for (var index = 0; index < scalars.Length; index++)
            scalars[index] = numbers[index].ToScalar();
        try
        {
            return Script.invoke(function, [.. tensors, .. scalars]);
        }
        finally
        {
            foreach (var scalar in scalars)
                scalar.Dispose();
            GC.KeepAlive(tensors);
        }
    }
}
