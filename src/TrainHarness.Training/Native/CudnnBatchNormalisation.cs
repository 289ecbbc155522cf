using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>
/// Batch normalisation that leaves libtorch the choice of cuDNN's kernels (<c>aten::batch_norm</c>); TorchSharp's binding forbids them.
/// </summary>
internal static class CudnnBatchNormalisation
{
    /// <summary>
    /// Whether the loaded libtorch has what this needs. It is recorded for a backward pass, and on a CPU is what TorchSharp computes.
    /// </summary>
    public static bool IsAvailable { get; } = Dispatcher.IsAvailable && Dispatcher.TakesOptional;

    /// <param name="input">[N, C, H, W].</param>
    /// <param name="scale">
    /// [C], as are the other tensors; <paramref name="mean"/> and <paramref name="variance"/> follow the batches in training.
    /// </param>
    /// <returns>In the caller's dispose scope.</returns>
    /// <exception cref="InvalidOperationException">libtorch refused; its message is on stderr.</exception>
    public static Tensor Apply(
        Tensor input,
        Tensor scale,
        Tensor shift,
        Tensor mean,
        Tensor variance,
        bool training,
        double momentum,
        double epsilon
    )
    {
        // batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum,
        //   float eps, bool cudnn_enabled) -> Tensor
        Span<ulong> stack =
        [
            Dispatcher.Word(input),
            Dispatcher.Optional(scale),
            Dispatcher.Optional(shift),
            Dispatcher.Optional(mean),
            Dispatcher.Optional(variance),
            Dispatcher.Word(training),
            Dispatcher.Word(momentum),
            Dispatcher.Word(epsilon),
            Dispatcher.Word(true),
        ];
        Dispatcher.Call("aten::batch_norm\0"u8, stack);
        return Tensor.UnsafeCreateTensor((nint)stack[0]);
    }
}
