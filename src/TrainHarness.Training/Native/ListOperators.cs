using TorchSharp;
using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>
/// Operators over lists of tensors (<c>torch._foreach_*</c>), which TorchSharp does not bind, by way of TorchScript: it takes the numbers
/// that <see cref="Dispatcher"/> cannot pass, and is there in every libtorch. On a GPU a list is a few kernels, not a few for each tensor.
/// </summary>
/// <remarks>Nothing here is recorded for a backward pass. An error of libtorch is an exception.</remarks>
internal static class ListOperators
{
    // Only list operators stand side by side in a function: TorchScript may compile neighbours on single tensors in the middle of a
    // training run.
    private const string Source = """
        def average(averages: List[Tensor], values: List[Tensor], share: float):
            torch._foreach_lerp_(averages, values, share)

        def lengths(tensors: List[Tensor]):
            return torch.stack(torch._foreach_norm(tensors))

        def multiply(tensors: List[Tensor], factor: Tensor):
            torch._foreach_mul_(tensors, factor)

        """;

    // Where libtorch is called by its dispatcher, there is no TorchScript.
    private static readonly jit.CompilationUnit? Script = AreFast ? jit.compile(Source) : null;

    /// <summary>Whether a list is one call, and not one for each tensor.</summary>
    public static bool AreFast => TorchLibrary.Description.Misfit is null;

    /// <summary>a ← a + share·(v − a), in place.</summary>
    public static void Average(Tensor[] averages, Tensor[] values, double share)
    {
        if (Script is not null)
        {
            Invoke("average", [averages, values], share);
            return;
        }

        using var withoutGradients = no_grad();
        using var weight = tensor((float)share);
        Dispatcher.Call(
            "aten::_foreach_lerp_\0"u8,
            "List\0"u8,
            [Dispatcher.Word(averages), Dispatcher.Word(values), Dispatcher.Word([.. averages.Select(_ => weight)])]
        );
    }

    /// <returns>The Euclidean length of each tensor, a vector in the caller's dispose scope.</returns>
    public static Tensor Lengths(Tensor[] tensors)
    {
        if (Script is not null)
            return (Tensor)Invoke("lengths", [tensors])!;
        using var withoutGradients = no_grad();
        using var scope = NewDisposeScope();
        return stack(tensors.Select(value => value.norm())).MoveToOuterDisposeScope();
    }

    /// <param name="factor">A scalar on the tensors' device, so that nobody waits for its value.</param>
    public static void Multiply(Tensor[] tensors, Tensor factor)
    {
        if (Script is not null)
        {
            Invoke("multiply", [tensors, factor]);
            return;
        }

        using var withoutGradients = no_grad();
        Dispatcher.Call("aten::_foreach_mul_\0"u8, "Tensor\0"u8, [Dispatcher.Word(tensors), Dispatcher.Word(factor)]);
    }

    // TorchSharp turns a number into a Scalar that nothing holds during the call: a garbage collection then frees it. These are held.
    private static object? Invoke(string function, object[] tensors, params ReadOnlySpan<double> numbers)
    {
        using var withoutGradients = no_grad();
        var scalars = new Scalar[numbers.Length];
        for (var index = 0; index < scalars.Length; index++)
            scalars[index] = numbers[index].ToScalar();
        try
        {
            return Script!.invoke(function, [.. tensors, .. scalars]);
        }
        finally
        {
            foreach (var scalar in scalars)
                scalar.Dispose();
            GC.KeepAlive(tensors);
        }
    }
}
