using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// Keys and values of one decoder layer, each <c>[N, heads, positions, width]</c>: of the source, and of the target as far as it is
/// written.
/// </summary>
/// <param name="sourceKeys">It takes over the tensors.</param>
/// <param name="targetKeys">With room for all positions.</param>
internal sealed class AttentionCache(Tensor sourceKeys, Tensor sourceValues, Tensor targetKeys, Tensor targetValues) : IDisposable
{
    private readonly Tensor[] held =
    [
        .. ((Tensor[])[sourceKeys, sourceValues, targetKeys, targetValues]).Select(part => part.DetachFromDisposeScope()),
    ];

    public Tensor SourceKeys => held[0];

    public Tensor SourceValues => held[1];

    /// <summary>Puts down those of a step.</summary>
    /// <returns>Those of all steps up to it, in the caller's dispose scope.</returns>
    public (Tensor Keys, Tensor Values) Write(int step, Tensor keys, Tensor values)
    {
        held[2].narrow(2, step, 1).copy_(keys);
        held[3].narrow(2, step, 1).copy_(values);
        return (held[2].narrow(2, 0, step + 1), held[3].narrow(2, 0, step + 1));
    }

    public void Keep(Tensor rows)
    {
        for (var part = 0; part < held.Length; part++)
        {
            var kept = held[part].index_select(0, rows).DetachFromDisposeScope();
            held[part].Dispose();
            held[part] = kept;
        }
    }

    public void Dispose()
    {
        foreach (var part in held)
            part.Dispose();
    }
}
