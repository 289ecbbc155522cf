using TorchSharp.Modules;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

/// <summary>Lion (arXiv:2302.06675, algorithm 2): the sign of a mean of gradients, with decoupled weight decay.</summary>
public sealed class Lion : UpdateRule
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.99;

    public override IReadOnlyList<string> StateNames => ["mean"];

    public override void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state, UpdateStep at)
    {
        var mean = state[0];
        var direction = mean.mul(Beta1).add(gradient, alpha: 1 - Beta1).sign();
        parameter.mul_(1 - (at.LearningRate * at.WeightDecay));
        parameter.add_(direction, alpha: -at.LearningRate);
        mean.mul_(Beta2).add_(gradient, alpha: 1 - Beta2);
    }
}
