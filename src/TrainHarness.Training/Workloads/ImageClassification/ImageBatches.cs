using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>The training images, epoch by epoch, each epoch in an order of its own.</summary>
/// <param name="examples">Null where no batch will be asked for, as in a plan.</param>
/// <param name="seen">Which of the images the order is of.</param>
/// <param name="side">Of the stored images, in pixels.</param>
internal sealed class ImageBatches(EpochOrder order, int epochs, IExamples? examples, SeenImages seen, int side, Device device)
    : IBatchSource,
        IBatchShapes,
        IForeseeable
{
    public long Steps { get; } = (long)order.StepsPerEpoch * epochs;

    /// <summary>The full batch, and the last of an epoch where it is smaller.</summary>
    public IReadOnlyList<BatchShape> All { get; } = [.. order.BatchSizes.Select(size => new BatchShape(size))];

    public BatchShape ShapeAt(long taken) => new(order.BatchSizeAt(taken));

    public IEnumerable<IBatch> From(long first) =>
        (examples ?? throw new InvalidOperationException("A plan has no examples.")).Read(
            Split.Train,
            seen.In(order.Batches(first, Steps))
        );

    // Drawn, as one colour would drive the numbers to where arithmetic is slow.
    public IBatch Blank(BatchShape shape) =>
        new ImageBatch(
            randint(0, 256, [shape.Examples, 3, side, side], dtype: ScalarType.Byte, device: device),
            zeros(shape.Examples, dtype: ScalarType.Int64, device: device)
        );
}
