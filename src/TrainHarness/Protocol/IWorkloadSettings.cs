using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>The keys of a study that its workload owns. The workload, which read them, takes its own type back.</summary>
public interface IWorkloadSettings
{
    /// <summary>
    /// As the resolved study holds them, complete and in order: texts, numbers, lists, and mappings of them. They are part of what is
    /// measured.
    /// </summary>
    IReadOnlyDictionary<string, object?> Lines { get; }

    /// <summary>
    /// What of them decides a measurement: all. Only images leave something out, as every program can read them; who does not know a
    /// workload has nothing but its lines to compare.
    /// </summary>
    IWorkloadSettings Measured => this;

    /// <summary>The same with a part of the training examples that it has, for the tries of a scan.</summary>
    /// <param name="fraction">Above 0, at most 1.</param>
    /// <exception cref="ConfigurationException">The workload has no set of training examples to take a part of.</exception>
    IWorkloadSettings WithTrainFraction(double fraction) =>
        fraction == 1
            ? this
            : throw new ConfigurationException(
                "scan: the workload has no part of its training examples to take; allowed: a 'scan' without 'trainFraction'."
            );

    /// <summary>What a trial of an entry with such a variant sees of the same prepared data.</summary>
    /// <exception cref="ConfigurationException">The workload has nothing that the variant could change.</exception>
    IWorkloadSettings SeenBy(EntryVariant variant) =>
        variant.WithoutRate is null ? this : throw new ConfigurationException("the workload has no such variants; allowed: lr-NUMBER.");
}
