using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Language.Layers;

/// <summary>
/// Attention of a sentence to itself and a feed-forward block, each in a sum that is normalised: <c>[N, S, width]</c> and a mask.
/// </summary>
internal sealed class PostNormLayer : Module<Tensor, Tensor, Tensor>
{
    private readonly HeadedAttention self_attention;
    private readonly Sequential feed_forward;
    private readonly LayerNorm norm1;
    private readonly LayerNorm norm2;
    private readonly Dropout dropout;

    public PostNormLayer(int width, int hidden, int heads, double dropout)
        : base(nameof(PostNormLayer))
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
