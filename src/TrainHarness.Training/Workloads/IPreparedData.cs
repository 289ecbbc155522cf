using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Workloads;

/// <summary>Data that trials can train on. It must outlive them.</summary>
public interface IPreparedData : IDisposable
{
    /// <summary>What a record says of it; its checksum identifies all that is trained and evaluated on.</summary>
    DatasetRecord Record { get; }

    /// <summary>What the record of a trial says of it: of what the trial sees.</summary>
    /// <param name="seen">Those of the trial's entry.</param>
    /// <exception cref="Files.ConfigurationException">Nothing is left to train on.</exception>
    DatasetRecord RecordOf(IWorkloadSettings seen) => Record;

    /// <summary>Tells whether another process that opens the same data has the same before it; begins with the checksum.</summary>
    string Identity { get; }

    /// <summary>Of a study of it; chance as the data tells it.</summary>
    IReadOnlyList<Metric> Metrics { get; }

    /// <summary>What people must know of how it was read.</summary>
    IReadOnlyList<string> Remarks => [];

    /// <summary>Passes while nobody has written to it.</summary>
    /// <exception cref="IOException">Somebody has.</exception>
    void RequireUnchanged();

    /// <summary>Opens a trial.</summary>
    TrainingTask Open(TrainingPlan plan);
}
