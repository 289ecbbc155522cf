using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native;

/// <summary>
/// Work of a GPU that is recorded once and replayed as a whole, so that the host asks for one thing instead of thousands
/// (<c>torch.cuda.CUDAGraph</c>, which TorchSharp does not bind). Whatever the host decided while it was recorded stays as it was: sizes, a
/// learning rate, which tensors are read and written. No trial uses it; it has not been proved on a GPU.
/// </summary>
/// <remarks>
/// C++ functions by their names in libtorch for Linux. They throw where work cannot be recorded, such as a copy from pageable memory or a
/// wait for the device, and an exception ends the process: only for a process that may end.
/// </remarks>
internal sealed unsafe class CudaGraph : IDisposable
{
    private const string Library = "torch_cuda";
    private const string ConstructSymbol = "_ZN2at4cuda9CUDAGraphC1Eb";
    private const string DestroySymbol = "_ZN2at4cuda9CUDAGraphD1Ev";
    private const string BeginSymbol = "_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode";
    private const string EndSymbol = "_ZN2at4cuda9CUDAGraph11capture_endEv";
    private const string ReplaySymbol = "_ZN2at4cuda9CUDAGraph6replayEv";
    private const string StreamFromPoolSymbol = "_ZN3c104cuda17getStreamFromPoolEia";
    private const string CurrentStreamSymbol = "_ZN3c104cuda20getCurrentCUDAStreamEa";
    private const string SetCurrentStreamSymbol = "_ZN3c104cuda20setCurrentCUDAStreamENS0_10CUDAStreamE";

    private static readonly string[] Symbols =
    [
        ConstructSymbol,
        DestroySymbol,
        BeginSymbol,
        EndSymbol,
        ReplaySymbol,
        StreamFromPoolSymbol,
        CurrentStreamSymbol,
        SetCurrentStreamSymbol,
    ];

    // The object's size is not told; it is a few hundred bytes.
    private const int ObjectBytes = 1 << 14;
    private const int ObjectAlignment = 64;

    // cudaStreamCaptureModeGlobal
    private const int GlobalMode = 0;

    private const int WarmUps = 3;

    private readonly void* graph;

    private CudaGraph()
    {
        graph = NativeMemory.AlignedAlloc(ObjectBytes, ObjectAlignment);
        NativeMemory.Clear(graph, ObjectBytes);
        // Keeps no second form of what it records.
        ((delegate* unmanaged<void*, byte, void>)Address(ConstructSymbol))(graph, 0);
    }

    /// <summary>Whether the loaded libtorch has all of it.</summary>
    public static bool IsAvailable => Missing.Count == 0;

    /// <summary>What the loaded libtorch lacks of it.</summary>
    public static IReadOnlyList<string> Missing { get; } = [.. Symbols.Where(symbol => Address(symbol) == 0)];

    /// <summary>How often the work is done before it is recorded.</summary>
    public static int TimesDoneBefore => WarmUps;

    /// <summary>
    /// Does the work a few times on a stream of its own, so that kernels are chosen and memory is there, and then records it, which does
    /// not do it.
    /// </summary>
    /// <param name="device">A GPU. Nothing else may use it meanwhile.</param>
    /// <param name="work">Must keep to tensors on the device, and keep alive what a replay reads and writes.</param>
    /// <exception cref="NotSupportedException">Not available, or no GPU.</exception>
    public static CudaGraph Record(Device device, Action work)
    {
        if (!IsAvailable || device.type != TorchSharp.DeviceType.CUDA)
            throw new NotSupportedException($"No CUDA graphs on {device} with this libtorch.");
        var index = checked((sbyte)Math.Max(0, device.index));
        var setCurrent = (delegate* unmanaged<Stream, void>)Address(SetCurrentStreamSymbol);
        var before = ((delegate* unmanaged<sbyte, Stream>)Address(CurrentStreamSymbol))(index);
        var graph = new CudaGraph();
        cuda.synchronize(device);
        setCurrent(((delegate* unmanaged<int, sbyte, Stream>)Address(StreamFromPoolSymbol))(0, index));
        try
        {
            for (var time = 0; time < WarmUps; time++)
                work();
            cuda.synchronize(device);
            // What finalizers would free later they free now, and not into the recording.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            graph.Record(work);
        }
        finally
        {
            setCurrent(before);
        }

        cuda.synchronize(device);
        return graph;
    }

    /// <summary>Asks the device to do the recorded work once more; does not wait for it.</summary>
    public void Replay() => ((delegate* unmanaged<void*, void>)Address(ReplaySymbol))(graph);

    /// <summary>Frees the memory that the recorded work uses. The device must be done with it.</summary>
    public void Dispose()
    {
        ((delegate* unmanaged<void*, void>)Address(DestroySymbol))(graph);
        NativeMemory.AlignedFree(graph);
    }

    // A pair of two words is passed as the two words. A pool of zeroes is one of the graph's own.
    private void Record(Action work)
    {
        ((delegate* unmanaged<void*, ulong, ulong, int, void>)Address(BeginSymbol))(graph, 0, 0, GlobalMode);
        work();
        ((delegate* unmanaged<void*, void>)Address(EndSymbol))(graph);
    }

    private static nint Address(string symbol) => TorchLibrary.Export(Library, symbol);

    /// <summary><c>c10::cuda::CUDAStream</c>: a device's type and index, a byte each, and the stream's number.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Stream
    {
        public readonly ushort Device;
        public readonly long Number;
    }
}
