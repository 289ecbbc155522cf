using TorchSharp;
using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>
/// A stream of a GPU on which tensors travel to it from pinned memory while it computes. What libtorch itself copies without waiting stands
/// in line with the kernels before and after it.
/// </summary>
/// <remarks>
/// libtorch's allocators know nothing of this stream. So a copy waits for all that was asked of the device before its target was made, what
/// is asked of the device after <see cref="Receive"/> waits for the copy, and the source is kept until the copy is done.
/// </remarks>
internal sealed class CopyStream : IDisposable
{
    private const nint DefaultStream = 0;

    // The host is ahead of the device by some steps, and looks at the loss after every twentieth: the pinned memory of a pixel and a label
    // copy for each of those is kept, so that it never waits here for what the device computes.
    private const int MaxKept = 48;

    private readonly CudaRuntime runtime;
    private readonly Device device;
    private readonly nint stream;
    private readonly Queue<(Tensor Host, nint Arrival)> kept = [];

    /// <param name="device">That all tensors go to.</param>
    public CopyStream(CudaRuntime runtime, Device device)
    {
        this.runtime = runtime;
        this.device = device;
        runtime.SetDevice(Math.Max(0, device.index));
        stream = runtime.MakeStream();
    }

    /// <summary>Null for a CPU, and where libtorch does not show its CUDA runtime.</summary>
    public static CopyStream? Of(Device device) =>
        device.type == DeviceType.CUDA && CudaRuntime.Loaded is { } runtime ? new CopyStream(runtime, device) : null;

    /// <summary>Begins to copy.</summary>
    /// <param name="host">Contiguous, in pinned memory; it is gone for the caller.</param>
    /// <exception cref="InvalidOperationException">The CUDA runtime refused.</exception>
    public Arriving Send(Tensor host)
    {
        var target = empty(host.shape, dtype: host.dtype, device: device).DetachFromDisposeScope();
        try
        {
            // Whoever had this memory before may still be at work on it.
            var free = runtime.EventAfter(DefaultStream);
            runtime.Wait(stream, free);
            runtime.DestroyEvent(free);
            runtime.Copy(Data(host), Data(target), host.numel() * host.ElementSize, stream);
            return new Arriving(target, host, runtime.EventAfter(stream));
        }
        catch
        {
            target.Dispose();
            host.Dispose();
            throw;
        }
    }

    /// <summary>Has what is asked of the device from now on wait for the copy; the host does not wait.</summary>
    /// <returns>The tensor on the device, in no dispose scope.</returns>
    /// <exception cref="InvalidOperationException">The CUDA runtime refused.</exception>
    public Tensor Receive(Arriving copy)
    {
        runtime.Wait(DefaultStream, copy.Arrival);
        kept.Enqueue((copy.Host, copy.Arrival));
        while (kept.Count > MaxKept || (kept.Count > 0 && runtime.IsPast(kept.Peek().Arrival)))
            Release(kept.Dequeue());
        return copy.Target;
    }

    /// <summary>For a copy that nobody wants any more.</summary>
    public void Discard(Arriving copy)
    {
        Release((copy.Host, copy.Arrival));
        copy.Target.Dispose();
    }

    /// <summary>Waits for what was received.</summary>
    public void Dispose()
    {
        while (kept.TryDequeue(out var copy))
            Release(copy);
        runtime.ForgetStream(stream);
    }

    // An error of the device shows with the next thing that is asked of it.
    private void Release((Tensor Host, nint Arrival) copy)
    {
        runtime.Synchronize(copy.Arrival);
        runtime.DestroyEvent(copy.Arrival);
        copy.Host.Dispose();
    }

    private static nint Data(Tensor tensor)
    {
        LibtorchApi.GetData(tensor.Handle, out var data);
        return data;
    }

    /// <summary>A tensor on its way.</summary>
    /// <param name="Target">On the device. Nothing may be asked of it before it was received.</param>
    /// <param name="Arrival">The event that says it is there.</param>
    internal readonly record struct Arriving(Tensor Target, Tensor Host, nint Arrival);
}
