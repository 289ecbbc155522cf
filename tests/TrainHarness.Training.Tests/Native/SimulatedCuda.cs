using System.Runtime.InteropServices;
using TrainHarness.Training.Native;

namespace TrainHarness.Training.Tests.Native;

/// <summary>
/// A CUDA runtime whose device is the host's own memory and whose copies are done as late as the rules of streams allow, so that whoever
/// does not wait reads what was there before. The default stream does at once what it is asked.
/// </summary>
internal sealed unsafe class SimulatedCuda : IDisposable
{
    private const nint CopyStreamHandle = 77;
    private const int NotReady = 600;
    private const int IllegalAddress = 700;
    private static readonly nint Words = Marshal.StringToCoTaskMemUTF8("an illegal memory access was encountered");

    [ThreadStatic]
    private static SimulatedCuda? current;

    private readonly Queue<(nint Source, nint Target, nuint Bytes, nint Event)> asked = [];
    private readonly HashSet<nint> events = [];
    private readonly HashSet<nint> past = [];
    private nint nextEvent = 1;

    public SimulatedCuda()
    {
        current = this;
        Runtime = new CudaRuntime(Address);
    }

    public CudaRuntime Runtime { get; }

    /// <summary>The default stream waits for a copy only on paper: it is done when the host waits.</summary>
    public bool IsSlow { get; init; }

    public bool RefusesCopies { get; init; }

    /// <summary>Whether each copy was asked to wait for the default stream first.</summary>
    public bool CopiesWait { get; private set; } = true;

    public int Copies { get; private set; }

    /// <summary>Copies that are asked for and not done, each time one is received by the default stream.</summary>
    public List<int> Travelling { get; } = [];

    /// <summary>Streams and events that nobody has given back.</summary>
    public int Left => events.Count + streams;

    private int streams;
    private bool mayCopy;

    public void Dispose() => current = null;

    private static nint Address(string function) =>
        function switch
        {
            "cudaSetDevice" => (nint)(delegate* unmanaged<int, int>)&SetDevice,
            "cudaMemGetInfo" => (nint)(delegate* unmanaged<nuint*, nuint*, int>)&Memory,
            "cudaStreamCreateWithFlags" => (nint)(delegate* unmanaged<nint*, uint, int>)&MakeStream,
            "cudaStreamDestroy" => (nint)(delegate* unmanaged<nint, int>)&DestroyStream,
            "cudaStreamWaitEvent" => (nint)(delegate* unmanaged<nint, nint, uint, int>)&Wait,
            "cudaEventCreateWithFlags" => (nint)(delegate* unmanaged<nint*, uint, int>)&CreateEvent,
            "cudaEventRecord" => (nint)(delegate* unmanaged<nint, nint, int>)&Record,
            "cudaEventQuery" => (nint)(delegate* unmanaged<nint, int>)&Query,
            "cudaEventSynchronize" => (nint)(delegate* unmanaged<nint, int>)&Synchronize,
            "cudaEventDestroy" => (nint)(delegate* unmanaged<nint, int>)&DestroyEvent,
            "cudaMemcpyAsync" => (nint)(delegate* unmanaged<nint, nint, nuint, int, nint, int>)&Copy,
            "cudaGetErrorString" => (nint)(delegate* unmanaged<int, nint>)&ErrorWords,
            _ => throw new ArgumentOutOfRangeException(nameof(function), function, null),
        };

    [UnmanagedCallersOnly]
    private static int SetDevice(int index) => 0;

    [UnmanagedCallersOnly]
    private static int Memory(nuint* free, nuint* total)
    {
        (*free, *total) = (3, 4);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int MakeStream(nint* stream, uint flags)
    {
        current!.streams++;
        *stream = CopyStreamHandle;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int DestroyStream(nint stream)
    {
        current!.streams--;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int CreateEvent(nint* handle, uint flags)
    {
        *handle = current!.nextEvent++;
        current.events.Add(*handle);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int DestroyEvent(nint handle) => current!.events.Remove(handle) ? 0 : IllegalAddress;

    [UnmanagedCallersOnly]
    private static int Record(nint handle, nint stream)
    {
        if (stream == CopyStreamHandle)
            current!.asked.Enqueue((0, 0, 0, handle));
        else
            current!.past.Add(handle);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Wait(nint stream, nint handle, uint flags)
    {
        if (stream == CopyStreamHandle)
        {
            current!.mayCopy = current.past.Contains(handle);
            return 0;
        }

        current!.Travelling.Add(current.asked.Count(item => item.Bytes > 0));
        if (!current.IsSlow)
            current.DoUntil(handle);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Query(nint handle) => current!.past.Contains(handle) ? 0 : NotReady;

    [UnmanagedCallersOnly]
    private static int Synchronize(nint handle)
    {
        current!.DoUntil(handle);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Copy(nint target, nint source, nuint bytes, int kind, nint stream)
    {
        if (current!.RefusesCopies)
            return IllegalAddress;
        current.Copies++;
        current.CopiesWait &= current.mayCopy && stream == CopyStreamHandle;
        current.mayCopy = false;
        current.asked.Enqueue((source, target, bytes, 0));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static nint ErrorWords(int status) => Words;

    private void DoUntil(nint handle)
    {
        while (!past.Contains(handle))
        {
            var (source, target, bytes, reached) = asked.Dequeue();
            if (bytes > 0)
                NativeMemory.Copy((void*)source, (void*)target, bytes);
            else
                past.Add(reached);
        }
    }
}
