using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>
/// Stochastic gradient descent over all parameters in one operator (<c>aten::_fused_sgd_</c>), which TorchSharp does not bind;
/// its own optimizer makes three to five calls for each parameter.
/// </summary>
public static unsafe class FusedSgd
{
    // The stack below is encoded as libtorch 2.10 does; later versions are told so and convert.
    private const ulong EncodingVersion = (2UL << 56) | (10UL << 48);

    /// <summary>Whether the loaded libtorch has the C interface that this needs.</summary>
    public static bool IsAvailable { get; } = TorchLibrary.Exports("torch_call_dispatcher");

    /// <summary>
    /// One step in place: <c>g += weightDecay·p; b = momentum·b + g; p -= learningRate·(nesterov ? g + momentum·b : b)</c>.
    /// </summary>
    /// <param name="gradients">One for each parameter, of its shape, type and memory layout.</param>
    /// <param name="momentumBuffers">Likewise, and updated; empty where <paramref name="momentum"/> is 0.</param>
    /// <param name="isFirstStep">The buffers hold nothing yet and are set to the gradients.</param>
    /// <remarks>libtorch consumes the lists it is given, so they are built anew at each step (about 10 µs for 62 parameters).</remarks>
    /// <exception cref="ArgumentException">The lists do not match.</exception>
    /// <exception cref="InvalidOperationException">libtorch refused; its message is on stderr.</exception>
    public static void Step(
        IReadOnlyList<Tensor> parameters,
        IReadOnlyList<Tensor> gradients,
        IReadOnlyList<Tensor> momentumBuffers,
        double weightDecay,
        double momentum,
        double learningRate,
        bool nesterov,
        bool isFirstStep)
    {
        RequireMatch(parameters, gradients, nameof(gradients));
        if (momentum != 0 || momentumBuffers.Count > 0)
            RequireMatch(parameters, momentumBuffers, nameof(momentumBuffers));

        // _fused_sgd_(Tensor[] self, Tensor[] grads, Tensor[] momentum_buffer_list, *, float weight_decay, float momentum, float lr,
        //   float dampening, bool nesterov, bool maximize, bool is_first_step, Tensor? grad_scale, Tensor? found_inf) -> ()
        var stack = stackalloc ulong[]
        {
            ListOf(parameters), ListOf(gradients), ListOf(momentumBuffers), Bits(weightDecay), Bits(momentum), Bits(learningRate),
            Bits(0), Bits(nesterov), Bits(false), Bits(isFirstStep), 0, 0,
        };
        Call("aten::_fused_sgd_\0"u8, stack);
    }

    private static void Call(ReadOnlySpan<byte> name, ulong* stack)
    {
        using var withoutGradients = no_grad();
        var overload = (byte)0;
        fixed (byte* start = name)
        {
            if (LibtorchApi.CallDispatcher(start, &overload, stack, EncodingVersion) != 0)
                throw new InvalidOperationException("libtorch refused aten::_fused_sgd_ (its message is on stderr).");
        }
    }

    // The operator walks raw memory: sizes and layouts that differ would be read out of bounds or in the wrong order.
    private static void RequireMatch(IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> others, string name)
    {
        if (others.Count != parameters.Count)
            throw new ArgumentException($"{others.Count} tensors for {parameters.Count} parameters.", name);
        for (var index = 0; index < others.Count; index++)
        {
            if (!HaveOneLayout(parameters[index], others[index]))
                throw new ArgumentException($"Tensor {index} has not the shape, type, device and memory layout of its parameter.", name);
        }
    }

    private static bool HaveOneLayout(Tensor parameter, Tensor other) =>
        parameter.numel() == other.numel()
        && parameter.dtype == other.dtype
        && parameter.device_type == other.device_type
        && ((parameter.is_contiguous() && other.is_contiguous()) || parameter.stride().AsSpan().SequenceEqual(other.stride()));

    private static ulong ListOf(IReadOnlyList<Tensor> tensors)
    {
        Require(LibtorchApi.NewList((nuint)tensors.Count, out var list));
        foreach (var tensor in tensors)
        {
            Require(LibtorchApi.NewTensorHandle(tensor.Handle, out var handle));
            Require(LibtorchApi.PushBack(list, (ulong)handle));
        }

        return (ulong)list;
    }

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);

    private static ulong Bits(bool value) => value ? 1UL : 0UL;

    private static void Require(int status)
    {
        if (status != 0)
            throw new InvalidOperationException("libtorch could not hold the list of tensors (its message is on stderr).");
    }
}
