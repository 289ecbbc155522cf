using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using TrainHarness.Training.Optimizers;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Extending;

/// <summary>The sign of a mean of gradients (arXiv:2302.06675, algorithm 2), with decoupled weight decay.</summary>
public sealed record LionRule : OptimizerRule
{
    public static Fields<LionRule> Fields { get; } =
        Of(
            new LionRule
            {
                Beta1 = 0.9,
                Beta2 = 0.99,
                WeightDecay = 0,
            },
            Field.Required(
                "beta1",
                Kind.Number(0, 0.99999),
                "Part of the mean in the step.",
                (LionRule rule) => rule.Beta1,
                (rule, value) => rule with { Beta1 = value }
            ),
            Field.Required(
                "beta2",
                Kind.Number(0, 0.99999),
                "Part of the mean that the next one keeps.",
                (LionRule rule) => rule.Beta2,
                (rule, value) => rule with { Beta2 = value }
            )
        );

    public required double Beta1 { get; init; }

    public required double Beta2 { get; init; }
}

/// <summary>c = β₁m + (1 − β₁)g; w ← w − η(sign c + λw); m ← β₂m + (1 − β₂)g.</summary>
internal sealed class Lion(LionRule rule, IEnumerable<TorchSharp.Modules.Parameter> parameters) : IOptimizer
{
    private readonly ParameterGroup[] groups = ParameterGroup.For(rule, parameters, slots: 1);

    public NativePath? NativePath => null;

    public IReadOnlyDictionary<string, Tensor> State => ParameterGroup.Named(groups, ["mean"]);

    public void Update(double learningRate)
    {
        using var withoutGradients = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in groups)
        {
            foreach (var (parameter, mean) in group.Parameters.Zip(group.State[0]))
            {
                var direction = mean.mul(rule.Beta1).add(parameter.grad!, alpha: 1 - rule.Beta1).sign();
                parameter.mul_(1 - (learningRate * group.WeightDecay)).add_(direction, alpha: -learningRate);
                mean.mul_(rule.Beta2).add_(parameter.grad!, alpha: 1 - rule.Beta2);
            }
        }
    }

    public void Reset()
    {
        foreach (var group in groups)
            group.Forget();
    }

    public void ResumeAfter(long steps) { }

    public void Dispose()
    {
        foreach (var group in groups)
            group.Dispose();
    }
}
