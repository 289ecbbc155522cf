using TrainHarness.Compute;

namespace TrainHarness.Training.Engine;

/// <summary>What one step trains on. Who gets it from a <see cref="IBatchSource"/> disposes of it.</summary>
public interface IBatch : IDisposable
{
    /// <summary>One of those that the workload announced; see <see cref="IBatchShapes.All"/>.</summary>
    BatchShape Shape { get; }

    /// <summary>What it cost to make: the games that were played for it, say. Zero where it was only read.</summary>
    Macs Spent { get; }
}
