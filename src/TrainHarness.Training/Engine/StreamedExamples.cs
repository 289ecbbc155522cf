using TrainHarness.Training.Data;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>
/// Batches read from a pack by other threads, a few ahead of the caller. On a GPU they wait in pinned memory, and the host does not wait for
/// their copies. Which examples a batch holds does not depend on any of it.
/// </summary>
public sealed class StreamedExamples(DatasetPack pack, Device device) : IExamples
{
    // Enough readers to saturate a disk, and little memory: 200 MB for batches of 256 at 256 px.
    private const int Ahead = 4;

    public string DataPath => "streamed";

    public IEnumerable<Batch> Read(Split split, IEnumerable<int[]> batches)
    {
        var reading = new Queue<Task<Batch>>();
        try
        {
            foreach (var indices in batches)
            {
                reading.Enqueue(Task.Run(() => OnHost(split, indices)));
                if (reading.Count > Ahead)
                    yield return ToDevice(reading.Dequeue().GetAwaiter().GetResult());
            }

            while (reading.TryDequeue(out var next))
                yield return ToDevice(next.GetAwaiter().GetResult());
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

    public void Dispose()
    {
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
    private Batch OnHost(Split split, int[] indices)
    {
        var pixels = Pixels(pack, split, indices);
        var all = pack.Labels(split);
        var labels = new long[indices.Length];
        for (var example = 0; example < labels.Length; example++)
            labels[example] = all[indices[example]];
        return new Batch(Pinned(pixels), Pinned(tensor(labels)));
    }

    private Tensor Pinned(Tensor host)
    {
        if (device.type == TorchSharp.DeviceType.CPU)
            return host;
        using (host)
            return host.pin_memory();
    }

    // libtorch keeps pinned memory until the copies out of it are done, also when its tensor is gone.
    private Batch ToDevice(Batch host) => new(ComputeDevice.Upload(host.Pixels, device).DetachFromDisposeScope(), ComputeDevice.Upload(host.Labels, device).DetachFromDisposeScope());
}
