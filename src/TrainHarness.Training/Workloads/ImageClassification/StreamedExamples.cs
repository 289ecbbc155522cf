using TrainHarness.Training.Devices;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>
/// Batches read from a pack by other threads, a few ahead of the caller. On a GPU they wait in pinned memory, and one travels while the
/// device computes on the one before. Which examples a batch holds does not depend on any of it.
/// </summary>
public sealed class StreamedExamples : IExamples
{
    // Enough readers to saturate a disk, and little memory: 200 MB for batches of 256 at 256 px.
    private const int Ahead = 4;

    private readonly DatasetPack pack;
    private readonly Device device;
    private readonly CopyStream? copies;

    public StreamedExamples(DatasetPack pack, Device device)
        : this(pack, device, CopyStream.Of(device)) { }

    /// <param name="copies">Goes with the examples; null where batches are copied in line with the computation.</param>
    internal StreamedExamples(DatasetPack pack, Device device, CopyStream? copies)
    {
        this.pack = pack;
        this.device = device;
        this.copies = copies;
    }

    public string DataPath => "streamed";

    public NativePath? NativePath => copies is null ? null : NativePath.CopyStream;

    public IEnumerable<ImageBatch> Read(Split split, IEnumerable<int[]> batches) =>
        copies is null ? OnHost(split, batches).Select(ToDevice) : Sent(copies, OnHost(split, batches));

    public void Dispose() => copies?.Dispose();

    private IEnumerable<ImageBatch> OnHost(Split split, IEnumerable<int[]> batches)
    {
        var reading = new Queue<Task<ImageBatch>>();
        try
        {
            foreach (var indices in batches)
            {
                reading.Enqueue(Task.Run(() => OnHost(split, indices)));
                if (reading.Count > Ahead)
                    yield return reading.Dequeue().GetAwaiter().GetResult();
            }

            while (reading.TryDequeue(out var next))
                yield return next.GetAwaiter().GetResult();
        }
        finally
        {
            foreach (var unused in reading)
            {
                // Waits and does not throw: one that failed is not to keep the others.
                Task.WaitAny(unused);
                if (unused.IsCompletedSuccessfully)
                    unused.Result.Dispose();
            }
        }
    }

    private static (CopyStream.Arriving Pixels, CopyStream.Arriving Labels) Send(CopyStream copies, ImageBatch host)
    {
        CopyStream.Arriving? pixels = null;
        try
        {
            pixels = copies.Send(host.Pixels);
            return (pixels.Value, copies.Send(host.Labels));
        }
        catch
        {
            if (pixels is { } travelling)
                copies.Discard(travelling);
            host.Dispose();
            throw;
        }
    }

    // The next batch sets out before the caller has the device compute on the one before it.
    private static IEnumerable<ImageBatch> Sent(CopyStream copies, IEnumerable<ImageBatch> batches)
    {
        (CopyStream.Arriving Pixels, CopyStream.Arriving Labels)? travelling = null;
        try
        {
            foreach (var host in batches)
            {
                var next = Send(copies, host);
                var before = travelling;
                travelling = next;
                if (before is var (pixels, labels))
                    yield return new ImageBatch(copies.Receive(pixels), copies.Receive(labels));
            }

            if (travelling is var (lastPixels, lastLabels))
            {
                travelling = null;
                yield return new ImageBatch(copies.Receive(lastPixels), copies.Receive(lastLabels));
            }
        }
        finally
        {
            if (travelling is var (pixels, labels))
            {
                copies.Discard(pixels);
                copies.Discard(labels);
            }
        }
    }

    /// <returns>uint8 [N, 3, side, side] in the host's memory.</returns>
    internal static Tensor Pixels(DatasetPack pack, Split split, int[] indices)
    {
        var pixels = empty(indices.Length, 3, pack.Header.Side, pack.Header.Side, dtype: ScalarType.Byte);
        try
        {
            pack.Copy(split, indices, pixels.bytes);
            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    // A thread's tensors belong to that thread's dispose scope: there is none here.
    private ImageBatch OnHost(Split split, int[] indices)
    {
        var pixels = Pixels(pack, split, indices);
        var all = pack.Labels(split);
        var labels = new long[indices.Length];
        for (var example = 0; example < labels.Length; example++)
            labels[example] = all[indices[example]];
        return new ImageBatch(Pinned(pixels), Pinned(tensor(labels)));
    }

    private Tensor Pinned(Tensor host)
    {
        if (device.type == TorchSharp.DeviceType.CPU)
            return host;
        using (host)
            return host.pin_memory();
    }

    // libtorch keeps pinned memory until the copies out of it are done, also when its tensor is gone.
    private ImageBatch ToDevice(ImageBatch host) =>
        new(
            ComputeDevice.Upload(host.Pixels, device).DetachFromDisposeScope(),
            ComputeDevice.Upload(host.Labels, device).DetachFromDisposeScope()
        );
}
