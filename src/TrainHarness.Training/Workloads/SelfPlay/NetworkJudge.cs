using System.Runtime.InteropServices;
using TrainHarness.Training.Devices;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Search;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>
/// The opinion of a network, which is in evaluation mode: batch normalisation by its running statistics, so that a leaf's neighbours do not
/// matter.
/// </summary>
internal sealed class NetworkJudge(BoardNetwork network, IGame game, Device device) : ILeafJudge
{
    // Larger batches leave the processor's caches.
    private const int LargestBatch = 256;

    public void Judge(IReadOnlyList<Leaf> leaves, Span<float> policies, Span<float> values)
    {
        var largest = device.type == TorchSharp.DeviceType.CPU ? LargestBatch : leaves.Count;
        for (var first = 0; first < leaves.Count; first += largest)
        {
            var count = Math.Min(largest, leaves.Count - first);
            Leaf[] batch = [.. Enumerable.Range(first, count).Select(index => leaves[index])];
            JudgeBatch(batch, policies.Slice(first * game.Moves, count * game.Moves), values.Slice(first, count));
        }
    }

    private void JudgeBatch(Leaf[] leaves, Span<float> policies, Span<float> values)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var input = zeros(leaves.Length, BoardPlanes.Count, game.Rows, game.Columns);
        var planes = MemoryMarshal.Cast<byte, float>(input.bytes);
        var size = planes.Length / leaves.Length;
        for (var index = 0; index < leaves.Length; index++)
            BoardPlanes.Write(game, leaves[index].Position, leaves[index].Symmetry, planes.Slice(index * size, size));
        var (policy, value) = network.call(ComputeDevice.Upload(input, device));
        var logits = MemoryMarshal.Cast<byte, float>(policy.cpu().contiguous().bytes);
        MemoryMarshal.Cast<byte, float>(value.cpu().contiguous().bytes).CopyTo(values);
        for (var index = 0; index < leaves.Length; index++)
        {
            var places = game.View(leaves[index].Position.FirstMoves, leaves[index].Symmetry).Moves;
            for (var move = 0; move < game.Moves; move++)
                policies[(index * game.Moves) + move] = logits[(index * game.Moves) + places[move]];
        }
    }
}
