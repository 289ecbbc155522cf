using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// Attention of several heads (arXiv:1706.03762, section 3.2.2): takes what asks <c>[N, T, width]</c>, what answers <c>[N, S, width]</c>,
/// and a mask.
/// </summary>
internal sealed class HeadedAttention : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly Linear output;
    private readonly AttentionProducts products;
    private readonly int heads;

    public HeadedAttention(int width, int heads)
        : base(nameof(HeadedAttention))
    {
        this.heads = heads;
        (query, key, value, output) = (Linear(width, width), Linear(width, width), Linear(width, width), Linear(width, width));
        products = new AttentionProducts(Math.Pow((double)width / heads, -0.5));
        RegisterComponents();
    }

    public override Tensor forward(Tensor asking, Tensor answering, Tensor mask)
    {
        using var scope = NewDisposeScope();
        return Attend(asking, Keys(answering), Values(answering), mask).MoveToOuterDisposeScope();
    }

    public Tensor Keys(Tensor answering) => Split(key.call(answering));

    public Tensor Values(Tensor answering) => Split(value.call(answering));

    /// <summary>With keys and values <c>[N, heads, S, width of a head]</c> that are there already.</summary>
    public Tensor Attend(Tensor asking, Tensor keys, Tensor values, Tensor mask)
    {
        var attended = products.call(Split(query.call(asking)), keys, values, mask);
        return output.call(attended.transpose(1, 2).flatten(2));
    }

    private Tensor Split(Tensor vectors) => vectors.view(vectors.shape[0], vectors.shape[1], heads, -1).transpose(1, 2);
}

/// <summary>
/// Attention of a sentence to itself and a feed-forward block, each in a sum that is normalised: <c>[N, S, width]</c> and a mask.
/// </summary>
internal sealed class TransformerEncoderLayer : Module<Tensor, Tensor, Tensor>
{
    private readonly HeadedAttention self_attention;
    private readonly Sequential feed_forward;
    private readonly LayerNorm norm1;
    private readonly LayerNorm norm2;
    private readonly Dropout dropout;

    public TransformerEncoderLayer(int width, int hidden, int heads, double dropout)
        : base(nameof(TransformerEncoderLayer))
    {
        self_attention = new HeadedAttention(width, heads);
        feed_forward = Sequential(("fc1", Linear(width, hidden)), ("relu", ReLU()), ("fc2", Linear(hidden, width)));
        (norm1, norm2) = (LayerNorm(width), LayerNorm(width));
        this.dropout = Dropout(dropout);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var x = norm1.call(input.Plus(dropout.call(self_attention.call(input, input, mask))));
        return norm2.call(x.Plus(dropout.call(feed_forward.call(x)))).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// The same, with attention to the source between the two: takes <c>[N, T, width]</c>, the source, and a mask for each of them.
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
