namespace TrainHarness.Training.Engine;

/// <summary>The shapes that batches have, each of which is priced before the clock starts.</summary>
public interface IBatchShapes
{
    /// <summary>
    /// Every shape that may come, each once. The first is that of a full batch: it is warmed up on, and what a network costs for an example
    /// is told of it.
    /// </summary>
    IReadOnlyList<BatchShape> All { get; }

    /// <summary>
    /// A batch of throw-away data on the trial's device. It may be of a shape that never comes: of fewer examples, or of none at all.
    /// </summary>
    IBatch Blank(BatchShape shape);
}
