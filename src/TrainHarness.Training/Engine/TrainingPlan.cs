using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Clocks;
using TrainHarness.Training.Energy;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>What a training run needs to know; nothing in it changes.</summary>
public sealed record TrainingPlan
{
    public required Study Study { get; init; }

    public required Trial Trial { get; init; }

    public required IArchitecture Architecture { get; init; }

    /// <summary>
    /// Null while the trial's own final metric will set the target, or while that is still to come; the whole schedule then runs.
    /// </summary>
    public required double? Threshold { get; init; }

    /// <summary>
    /// Asks for the threshold of a trial that starts before it is known; the answer is null until it is. Null for every other trial.
    /// </summary>
    public Func<double?>? AwaitedThreshold { get; init; }

    public required Device Device { get; init; }

    /// <summary>Watches how long this process is suspended, which is no time of training; null where nobody does.</summary>
    public SuspensionWatch? Suspensions { get; init; }

    /// <summary>What the device promises for the recipe's precision, for people to compare with; null where it is not known.</summary>
    public FlopRate? PeakRate { get; init; }

    /// <summary>Of the device; null where its energy cannot be measured.</summary>
    public EnergyCounter? Energy { get; init; }

    public Recipe Recipe => Trial.Entry.Recipe;

    /// <summary>What the trial sees of the study's data.</summary>
    public IWorkloadSettings Settings => Study.SettingsFor(Trial.Entry);

    public StartRule Start => Trial.Entry.StartFor(Architecture.HasBatchNormalisation);
}
