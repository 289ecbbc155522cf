using TrainHarness.Compute;
using TrainHarness.Protocol;

namespace TrainHarness.Results;

/// <summary>
/// What was measured once, when a trial had ended, on examples that nothing had looked at before. Never charged, and in no ledger: no
/// target is a level of it, and no choice follows from it.
/// </summary>
/// <param name="Examples">How many there are.</param>
/// <param name="Metric">What was measured; its signature says how.</param>
/// <param name="Macs">Spent on it.</param>
/// <param name="Outputs">Some of what the network wrote, for people to read; none where it writes nothing.</param>
public sealed record TestRecord(int Examples, Metric Metric, double Value, Macs Macs, IReadOnlyList<string> Outputs);
