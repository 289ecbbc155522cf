namespace TrainHarness.Training.Engine;

/// <summary>
/// A source whose batch shapes follow from the step alone. A plan then knows the cost of a whole schedule, and a checkpoint whose counts
/// are not those that its step makes is refused. Making a batch must cost nothing; where batches come out of play, nobody can know.
/// </summary>
public interface IForeseeable
{
    /// <param name="taken">Steps before it; 0 for the first.</param>
    BatchShape ShapeAt(long taken);
}
