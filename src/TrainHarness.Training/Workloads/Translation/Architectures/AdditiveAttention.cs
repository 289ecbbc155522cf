using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// Attention whose scores a small network gives (Bahdanau et al. 2014, arXiv:1409.0473, section A.1.2): takes states <c>[N, T, width]</c>,
/// the keys of the source <c>[N, S, scores]</c>, its annotations <c>[N, S, annotation]</c> and what hides its padding <c>[N, 1, S]</c>;
/// gives contexts <c>[N, T, annotation]</c>.
/// </summary>
internal sealed class AdditiveAttention : Module<Tensor, Tensor, Tensor, Tensor, Tensor>
{
    private readonly Linear key;
    private readonly Linear query;
    private readonly Linear score;
    private readonly WeightedSum sum;

    /// <param name="scores">Width of the small network.</param>
    public AdditiveAttention(int width, int annotation, int scores)
        : base(nameof(AdditiveAttention))
    {
        (key, query, score) = (Linear(annotation, scores, hasBias: false), Linear(width, scores), Linear(scores, 1, hasBias: false));
        sum = new WeightedSum();
        RegisterComponents();
    }

    /// <summary>What of the scores depends on the source alone.</summary>
    public Tensor Keys(Tensor annotations) => key.call(annotations);

    public override Tensor forward(Tensor states, Tensor keys, Tensor annotations, Tensor padding)
    {
        using var scope = NewDisposeScope();
        var scores = score.call(query.call(states).unsqueeze(2).Plus(keys.unsqueeze(1)).tanh()).squeeze(-1);
        return sum.call(scores.Plus(padding).softmax(-1), annotations).MoveToOuterDisposeScope();
    }
}
