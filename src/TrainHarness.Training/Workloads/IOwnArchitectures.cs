using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Workloads;

/// <summary>A workload whose studies may name code of the user's own for an architecture.</summary>
public interface IOwnArchitectures
{
    /// <summary>Whether the code holds a network of this workload. Compiles it, and runs none of it.</summary>
    /// <exception cref="ConfigurationException">It does not compile.</exception>
    bool Fits(OwnSource source);

    /// <summary>Compiles it, and so runs what its author wrote.</summary>
    /// <exception cref="ConfigurationException">It does not compile, or is no network of this workload.</exception>
    IArchitecture Own(OwnSource source);

    /// <summary>
    /// Counts one step of it on blank examples of the study's size, layer by layer and operator by operator, before anything is trained.
    /// </summary>
    /// <exception cref="ConfigurationException">It cannot be counted, or does not run.</exception>
    StepCount Count(OwnSource source, Study study);
}
