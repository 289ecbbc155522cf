using TrainHarness.Compute;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Engine;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.LanguageModelling;

/// <summary>Some windows of a text on the device.</summary>
/// <param name="Units">int64 <c>[N, T]</c>.</param>
/// <param name="Wanted">int64 <c>[N, T]</c>: what comes after each of them.</param>
internal sealed record WindowBatch(Tensor Units, Tensor Wanted) : IBatch
{
    public BatchShape Shape => new((int)Units.shape[0], (int)Units.shape[1]);

    public Macs Spent => Macs.Zero;

    /// <param name="places">Of the first unit of each window; there is one unit more behind each.</param>
    public static WindowBatch Of(ushort[] text, ReadOnlySpan<int> places, int context, Device device)
    {
        var (units, wanted) = (new long[places.Length * context], new long[places.Length * context]);
        for (var row = 0; row < places.Length; row++)
        {
            for (var column = 0; column < context; column++)
            {
                units[(row * context) + column] = text[places[row] + column];
                wanted[(row * context) + column] = text[places[row] + column + 1];
            }
        }

        return new WindowBatch(Uploaded(units), Uploaded(wanted));

        Tensor Uploaded(long[] numbers) => ComputeDevice.Upload(tensor(numbers, numbers.Length / context, context), device);
    }

    public void Dispose()
    {
        Units.Dispose();
        Wanted.Dispose();
    }
}
