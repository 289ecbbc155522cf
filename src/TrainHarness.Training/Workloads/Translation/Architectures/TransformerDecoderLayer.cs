using TorchSharp.Modules;
using TrainHarness.Training.Language.Layers;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// Attention of a translation to itself and to the source, and a feed-forward block, each in a sum that is normalised: takes <c>[N, T,
/// width]</c>, the source, and a mask for each of them.
/// </summary>
internal sealed class TransformerDecoderLayer : Module<Tensor, Tensor, Tensor, Tensor, Tensor>
{
    private readonly HeadedAttention self_attention;
    private readonly HeadedAttention source_attention;
    private readonly Sequential feed_forward;
    private readonly LayerNorm norm1;
    private readonly LayerNorm norm2;
    private readonly LayerNorm norm3;
    private readonly Dropout dropout;

    public TransformerDecoderLayer(int width, int hidden, int heads, double dropout)
        : base(nameof(TransformerDecoderLayer))
    {
        (self_attention, source_attention) = (new HeadedAttention(width, heads), new HeadedAttention(width, heads));
        feed_forward = Sequential(("fc1", Linear(width, hidden)), ("relu", ReLU()), ("fc2", Linear(hidden, width)));
        (norm1, norm2, norm3) = (LayerNorm(width), LayerNorm(width), LayerNorm(width));
        this.dropout = Dropout(dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input, Tensor source, Tensor later, Tensor padding)
    {
        using var scope = NewDisposeScope();
        var x = norm1.call(input.Plus(dropout.call(self_attention.call(input, input, later))));
        x = norm2.call(x.Plus(dropout.call(source_attention.call(x, source, padding))));
        return norm3.call(x.Plus(dropout.call(feed_forward.call(x)))).MoveToOuterDisposeScope();
    }

    /// <summary>What steps over a source need again and again.</summary>
    /// <param name="longest">Steps.</param>
    public AttentionCache Remember(Tensor source, int longest)
    {
        var (keys, values) = (source_attention.Keys(source), source_attention.Values(source));
        long[] room = [keys.shape[0], keys.shape[1], longest, keys.shape[3]];
        return new AttentionCache(
            keys,
            values,
            zeros(room, dtype: keys.dtype, device: keys.device),
            zeros(room, dtype: keys.dtype, device: keys.device)
        );
    }

    /// <summary>One position <c>[N, 1, width]</c>, in evaluation mode.</summary>
    public Tensor Step(Tensor input, AttentionCache cache, int step, Tensor padding)
    {
        var (keys, values) = cache.Write(step, self_attention.Keys(input), self_attention.Values(input));
        using var nothingHidden = zeros(1, 1, 1, 1, dtype: input.dtype, device: input.device);
        var x = norm1.call(input.Plus(self_attention.Attend(input, keys, values, nothingHidden)));
        x = norm2.call(x.Plus(source_attention.Attend(x, cache.SourceKeys, cache.SourceValues, padding)));
        return norm3.call(x.Plus(feed_forward.call(x)));
    }
}
