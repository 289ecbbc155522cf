using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// A convolution over what is written, with a gate, and attention of what comes out (arXiv:1705.03122, section 3.3): takes vectors
/// <c>[N, kernel - 1 + T, width]</c>, the words <c>[N, T, embedding]</c>, keys and values of the source <c>[N, S, embedding]</c> and what
/// hides its padding <c>[N, 1, S]</c>; gives <c>[N, T, width]</c>.
/// </summary>
internal sealed class ConvS2SDecoderLayer : Module<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor>
{
    private readonly NormalisedConvolution convolution;
    private readonly NormalisedLinear query;
    private readonly WeightedSum scores;
    private readonly WeightedSum context;
    private readonly NormalisedLinear output;

    public ConvS2SDecoderLayer(int width, int embedding, NormalisedConvolution convolution)
        : base(nameof(ConvS2SDecoderLayer))
    {
        this.convolution = convolution;
        query = new NormalisedLinear(width, embedding, Math.Sqrt(1.0 / width));
        output = new NormalisedLinear(embedding, width, Math.Sqrt(1.0 / embedding));
        (scores, context) = (new WeightedSum(), new WeightedSum());
        RegisterComponents();
    }

    public override Tensor forward(Tensor input, Tensor words, Tensor keys, Tensor values, Tensor padding)
    {
        using var scope = NewDisposeScope();
        var x = functional.glu(convolution.call(input.transpose(1, 2)), 1).transpose(1, 2);
        var asking = HalfVariance.Sum(query.call(x), words);
        var weights = scores.call(asking, keys.transpose(1, 2)).Plus(padding).softmax(-1);
        // A mean of n vectors has an n-th of their variance.
        var seen = context.call(weights, values).mul(padding.eq(zeros_like(padding)).sum(-1, keepdim: true).to_type(x.dtype).sqrt());
        return HalfVariance.Sum(output.call(seen), x).MoveToOuterDisposeScope();
    }
}
