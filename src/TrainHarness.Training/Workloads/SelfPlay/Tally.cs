using System.Runtime.InteropServices;
using TrainHarness.Training.Checkpoints;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>What a trial has played so far.</summary>
internal sealed class Tally : ISavedState, IDisposable
{
    private readonly Tensor counts = zeros(3, dtype: ScalarType.Int64).DetachFromDisposeScope();

    /// <summary>Of self-play.</summary>
    public ref long Games => ref Counts[0];

    /// <summary>Positions that the network judged in self-play.</summary>
    public ref long SelfPlayEvaluations => ref Counts[1];

    /// <summary>Positions that either network judged in games of the gate.</summary>
    public ref long GateEvaluations => ref Counts[2];

    /// <summary>Of all that was spent on games; 0 before the first.</summary>
    public double GatePart => GateEvaluations == 0 ? 0 : (double)GateEvaluations / (GateEvaluations + SelfPlayEvaluations);

    public IReadOnlyDictionary<string, Tensor> State => new Dictionary<string, Tensor> { ["counts"] = counts };

    private Span<long> Counts => MemoryMarshal.Cast<byte, long>(counts.bytes);

    public void ResumeAfter(long steps)
    {
        // The counts are all that there is to it.
    }

    public void Dispose() => counts.Dispose();
}
