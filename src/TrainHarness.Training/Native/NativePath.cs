using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native;

/// <summary>A way past TorchSharp's own bindings.</summary>
/// <param name="Name">As in record.json.</param>
/// <param name="IsAvailable">Whether the loaded libtorch has what it needs.</param>
/// <param name="Otherwise">What happens without it.</param>
public sealed record NativePath(string Name, bool IsAvailable, string Otherwise)
{
    public static NativePath FusedSgd { get; } = new("fused-sgd", Dispatcher.IsAvailable, "SGD updates one parameter after the other");

    public static NativePath FusedAdamW { get; } =
        new("fused-adamw", Dispatcher.IsAvailable, "AdamW updates one parameter after the other");

    public static NativePath ForeachAverage { get; } =
        new("foreach-average", ListOperators.AreFast, "averages are taken one after the other");

    public static NativePath ForeachClip { get; } =
        new("foreach-clip", ListOperators.AreFast, "lengths of gradients are taken one after the other");

    public static NativePath AutocastBf16 { get; } = new("autocast-bf16", Autocast.IsAvailable, "recipes in bf16 are refused");

    public static NativePath CudnnSettings { get; } =
        new(
            "cudnn-settings",
            Native.CudnnSettings.IsAvailable,
            "cuDNN keeps the first kernel that fits, and 'deterministic: true' is refused"
        );

    public static NativePath CudnnBatchNormalisation { get; } =
        new("cudnn-batch-normalisation", Native.CudnnBatchNormalisation.IsAvailable, "batch normalisation uses libtorch's own kernels");

    /// <summary>Of GPUs only, so that a libtorch for CPUs lacks nothing without it.</summary>
    public static NativePath CopyStream { get; } =
        new("copy-stream", CudaRuntime.Loaded is not null, "streamed batches are copied in line with the computation");

    /// <summary>How libtorch is called where TorchSharp's native library does not fit it.</summary>
    public static NativePath DispatcherBindings { get; } =
        new("dispatcher-bindings", TorchLibrary.Description.Misfit is not null, "TorchSharp's native library calls libtorch");

    /// <summary>Those that are better than what happens without them.</summary>
    public static IReadOnlyList<NativePath> All { get; } =
    [
        FusedSgd,
        FusedAdamW,
        ForeachAverage,
        ForeachClip,
        AutocastBf16,
        CudnnSettings,
        CudnnBatchNormalisation,
        .. TorchLibrary.Description.Backend == "cuda" ? [CopyStream] : (NativePath[])[],
    ];
}
