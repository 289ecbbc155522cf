using System.Runtime.InteropServices;

namespace TrainHarness.Training.Native;

/// <summary>The CUDA runtime that libtorch brought: C functions, which report errors and do not throw.</summary>
internal sealed unsafe class CudaRuntime
{
    private const string Library = "torch_cuda";

    // cudaStreamNonBlocking: neither waits for the default stream nor that one for it.
    private const uint NonBlocking = 1;

    // cudaEventDisableTiming
    private const uint WithoutTimes = 2;

    // cudaMemcpyHostToDevice
    private const int HostToDevice = 1;

    // cudaErrorNotReady
    private const int NotReady = 600;

    private static readonly string[] Symbols =
    [
        "cudaSetDevice",
        "cudaMemGetInfo",
        "cudaStreamCreateWithFlags",
        "cudaStreamDestroy",
        "cudaStreamWaitEvent",
        "cudaEventCreateWithFlags",
        "cudaEventRecord",
        "cudaEventQuery",
        "cudaEventSynchronize",
        "cudaEventDestroy",
        "cudaMemcpyAsync",
        "cudaGetErrorString",
    ];

    private readonly delegate* unmanaged<int, int> setDevice;
    private readonly delegate* unmanaged<nuint*, nuint*, int> memGetInfo;
    private readonly delegate* unmanaged<nint*, uint, int> streamCreateWithFlags;
    private readonly delegate* unmanaged<nint, int> streamDestroy;
    private readonly delegate* unmanaged<nint, nint, uint, int> streamWaitEvent;
    private readonly delegate* unmanaged<nint*, uint, int> eventCreateWithFlags;
    private readonly delegate* unmanaged<nint, nint, int> eventRecord;
    private readonly delegate* unmanaged<nint, int> eventQuery;
    private readonly delegate* unmanaged<nint, int> eventSynchronize;
    private readonly delegate* unmanaged<nint, int> eventDestroy;
    private readonly delegate* unmanaged<nint, nint, nuint, int, nint, int> memcpyAsync;
    private readonly delegate* unmanaged<int, nint> getErrorString;

    /// <param name="export">The address of a function by its name.</param>
    public CudaRuntime(Func<string, nint> export)
    {
        setDevice = (delegate* unmanaged<int, int>)export("cudaSetDevice");
        memGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)export("cudaMemGetInfo");
        streamCreateWithFlags = (delegate* unmanaged<nint*, uint, int>)export("cudaStreamCreateWithFlags");
        streamDestroy = (delegate* unmanaged<nint, int>)export("cudaStreamDestroy");
        streamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)export("cudaStreamWaitEvent");
        eventCreateWithFlags = (delegate* unmanaged<nint*, uint, int>)export("cudaEventCreateWithFlags");
        eventRecord = (delegate* unmanaged<nint, nint, int>)export("cudaEventRecord");
        eventQuery = (delegate* unmanaged<nint, int>)export("cudaEventQuery");
        eventSynchronize = (delegate* unmanaged<nint, int>)export("cudaEventSynchronize");
        eventDestroy = (delegate* unmanaged<nint, int>)export("cudaEventDestroy");
        memcpyAsync = (delegate* unmanaged<nint, nint, nuint, int, nint, int>)export("cudaMemcpyAsync");
        getErrorString = (delegate* unmanaged<int, nint>)export("cudaGetErrorString");
    }

    /// <summary>Of the loaded libtorch; null where it is for the CPU only, or shows less than this.</summary>
    public static CudaRuntime? Loaded { get; } =
        Symbols.All(symbol => TorchLibrary.Export(Library, symbol) != 0) ? new(symbol => TorchLibrary.Export(Library, symbol)) : null;

    /// <summary>What follows on this thread is for this GPU.</summary>
    /// <exception cref="InvalidOperationException">The CUDA runtime refused; so for all below.</exception>
    public void SetDevice(int index) => Require("cudaSetDevice", setDevice(index));

    /// <returns>Bytes.</returns>
    public (long Free, long Total) Memory()
    {
        nuint free = 0,
            total = 0;
        Require("cudaMemGetInfo", memGetInfo(&free, &total));
        return ((long)free, (long)total);
    }

    /// <summary>A stream beside the default one, on which libtorch computes.</summary>
    public nint MakeStream()
    {
        nint made = 0;
        Require("cudaStreamCreateWithFlags", streamCreateWithFlags(&made, NonBlocking));
        return made;
    }

    /// <summary>What is asked of a stream from now on waits for an event.</summary>
    public void Wait(nint stream, nint handle) => Require("cudaStreamWaitEvent", streamWaitEvent(stream, handle, 0));

    /// <summary>An event that a stream reaches when it has done what was asked of it so far.</summary>
    public nint EventAfter(nint stream)
    {
        nint made = 0;
        Require("cudaEventCreateWithFlags", eventCreateWithFlags(&made, WithoutTimes));
        Require("cudaEventRecord", eventRecord(made, stream));
        return made;
    }

    public bool IsPast(nint handle)
    {
        var status = eventQuery(handle);
        if (status != NotReady)
            Require("cudaEventQuery", status);
        return status == 0;
    }

    /// <summary>Has the host wait, unless the device has failed.</summary>
    public void Synchronize(nint handle) => _ = eventSynchronize(handle);

    /// <param name="source">In pinned memory.</param>
    public void Copy(nint source, nint target, long bytes, nint stream) =>
        Require("cudaMemcpyAsync", memcpyAsync(target, source, (nuint)bytes, HostToDevice, stream));

    /// <summary>May be called before it is past.</summary>
    public void DestroyEvent(nint handle) => _ = eventDestroy(handle);

    public void ForgetStream(nint stream) => _ = streamDestroy(stream);

    private void Require(string function, int status)
    {
        if (status != 0)
            throw new InvalidOperationException($"{function}: {Marshal.PtrToStringUTF8(getErrorString(status)) ?? $"error {status}"}");
    }
}
