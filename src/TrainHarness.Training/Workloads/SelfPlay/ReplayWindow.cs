using System.Runtime.InteropServices;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Play;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>The latest positions that were played, in the host's memory; a new one takes the place of the oldest.</summary>
internal sealed class ReplayWindow : ISavedState, IDisposable
{
    private const int WordsOfAPosition = 4;

    private readonly int capacity;
    private readonly int moves;
    private readonly Tensor stones;
    private readonly Tensor policies;
    private readonly Tensor values;
    private readonly Tensor added;

    /// <param name="capacity">Positions.</param>
    /// <param name="moves">Of the game.</param>
    public ReplayWindow(int capacity, int moves)
    {
        (this.capacity, this.moves) = (capacity, moves);
        stones = zeros(capacity, WordsOfAPosition, dtype: ScalarType.Int64).DetachFromDisposeScope();
        policies = zeros(capacity, moves).DetachFromDisposeScope();
        values = zeros(capacity).DetachFromDisposeScope();
        added = zeros(1, dtype: ScalarType.Int64).DetachFromDisposeScope();
    }

    /// <summary>Positions that are there.</summary>
    public int Count => (int)Math.Min(capacity, Numbers(added)[0]);

    public IReadOnlyDictionary<string, Tensor> State =>
        new Dictionary<string, Tensor>
        {
            ["stones"] = stones,
            ["policies"] = policies,
            ["values"] = values,
            ["added"] = added,
        };

    public PlayedPosition this[int place]
    {
        get
        {
            var words = Numbers(stones).Slice(place * WordsOfAPosition, WordsOfAPosition);
            var position = new Position(new UInt128((ulong)words[1], (ulong)words[0]), new UInt128((ulong)words[3], (ulong)words[2]));
            return new PlayedPosition(position, Floats(policies).Slice(place * moves, moves).ToArray(), Floats(values)[place]);
        }
    }

    public void Add(PlayedPosition played)
    {
        ref var count = ref Numbers(added)[0];
        var place = (int)(count % capacity);
        var (first, second) = (played.Position.First, played.Position.Second);
        ReadOnlySpan<long> words = [(long)(ulong)first, (long)(ulong)(first >> 64), (long)(ulong)second, (long)(ulong)(second >> 64)];
        words.CopyTo(Numbers(stones)[(place * WordsOfAPosition)..]);
        played.Policy.CopyTo(Floats(policies)[(place * moves)..]);
        Floats(values)[place] = played.Value;
        count++;
    }

    public void ResumeAfter(long steps)
    {
        // What was added is all that there is to it.
    }

    public void Dispose()
    {
        foreach (var memory in State.Values)
            memory.Dispose();
    }

    private static Span<long> Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, long>(tensor.bytes);

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
