using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Language.Layers;

/// <summary>
/// Attention of several heads (arXiv:1706.03762, section 3.2.2): takes what asks <c>[N, T, width]</c>, what answers <c>[N, S, width]</c>,
/// and a mask.
/// </summary>
public sealed class HeadedAttention : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly Linear output;
    private readonly AttentionProducts products;
    private readonly int heads;

    /// <param name="dropout">Of the weights of attention.</param>
    public HeadedAttention(int width, int heads, bool hasBias = true, double dropout = 0)
        : base(nameof(HeadedAttention))
    {
        this.heads = heads;
        (query, key, value, output) = (Projection(), Projection(), Projection(), Projection());
        products = new AttentionProducts(Math.Pow((double)width / heads, -0.5), dropout);
        RegisterComponents();

        Linear Projection() => Linear(width, width, hasBias);
    }

    /// <summary>What comes out goes through it last.</summary>
    public Linear Output => output;

    /// <param name="asking"><c>[N, T, width]</c>.</param>
    /// <param name="answering"><c>[N, S, width]</c>.</param>
    /// <param name="mask">What is added to the scores, <c>[N or 1, 1, T or 1, S]</c>: 0, or minus infinity.</param>
    /// <returns><c>[N, T, width]</c>.</returns>
    public override Tensor forward(Tensor asking, Tensor answering, Tensor mask)
    {
        using var scope = NewDisposeScope();
        return Attend(asking, Keys(answering), Values(answering), mask).MoveToOuterDisposeScope();
    }

    /// <summary>Those of what answers: <c>[N, heads, S, width of a head]</c>.</summary>
    public Tensor Keys(Tensor answering) => Split(key.call(answering));

    /// <inheritdoc cref="Keys"/>
    public Tensor Values(Tensor answering) => Split(value.call(answering));

    /// <summary>With keys and values <c>[N, heads, S, width of a head]</c> that are there already.</summary>
    public Tensor Attend(Tensor asking, Tensor keys, Tensor values, Tensor mask)
    {
        var attended = products.call(Split(query.call(asking)), keys, values, mask);
        return output.call(attended.transpose(1, 2).flatten(2));
    }

    private Tensor Split(Tensor vectors) => vectors.view(vectors.shape[0], vectors.shape[1], heads, -1).transpose(1, 2);
}
