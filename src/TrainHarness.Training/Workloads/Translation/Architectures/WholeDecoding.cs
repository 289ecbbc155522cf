using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>Keeps sources and the words that were written, and computes all of it anew at each step.</summary>
internal sealed class WholeDecoding(Translator network, Tensor source) : Decoding
{
    private Tensor source = source.alias().DetachFromDisposeScope();
    private Tensor? written;

    public override Tensor Next(Tensor words)
    {
        using var scope = NewDisposeScope();
        var next = words.unsqueeze(1);
        if (written is null)
            written = next.clone().DetachFromDisposeScope();
        else
            Replace(ref written, cat([written, next], 1));
        return network.call(source, written).select(1, -1).MoveToOuterDisposeScope();
    }

    public override void Keep(Tensor rows)
    {
        Replace(ref source, source.index_select(0, rows));
        if (written is not null)
            Replace(ref written, written.index_select(0, rows));
    }

    public override void Dispose()
    {
        source.Dispose();
        written?.Dispose();
    }
}
