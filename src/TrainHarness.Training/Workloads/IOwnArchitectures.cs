using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;

namespace TrainHarness.Training.Workloads;

/// <summary>A workload whose studies may name code of the user's own for an architecture.</summary>
public interface IOwnArchitectures
{
    /// <summary>Compiles it, and so runs what its author wrote.</summary>
    /// <exception cref="ConfigurationException">It does not compile, or is no network of this workload.</exception>
    IArchitecture Own(OwnSource source);

    /// <summary>Counts one step of it, layer by layer and operator by operator, before anything is trained.</summary>
    /// <exception cref="ConfigurationException">It cannot be counted, or does not run.</exception>
    void Check(OwnSource source, Study study);
}
