using TorchSharp.Modules;
using TrainHarness.Protocol;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>Parameters of one weight decay, with what is remembered of past steps.</summary>
internal sealed class ParameterGroup : IDisposable
{
    private ParameterGroup(Parameter[] parameters, double weightDecay, int slots)
    {
        Parameters = parameters;
        WeightDecay = weightDecay;
        State =
        [
            .. Enumerable
                .Range(0, slots)
                .Select(_ => parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope()).ToArray()),
        ];
    }

    public Parameter[] Parameters { get; }

    public double WeightDecay { get; }

    /// <summary>A list of tensors like the parameters for each thing that the rule remembers; zero at first.</summary>
    public Tensor[][] State { get; }

    /// <param name="slots">How many things the rule remembers of each parameter.</param>
    public static ParameterGroup[] For(OptimizerRule rule, IEnumerable<Parameter> parameters, int slots) =>
        [.. Optimizer.Groups(rule, parameters).Select(group => new ParameterGroup(group.Parameters, group.WeightDecay, slots))];

    /// <param name="names">Of the things that the rule remembers.</param>
    public static Dictionary<string, Tensor> Named(ParameterGroup[] groups, IReadOnlyList<string> names) =>
        new(
            from @group in groups.Index()
            from memory in @group.Item.State.Index()
            from tensor in memory.Item.Index()
            select KeyValuePair.Create(FormattableString.Invariant($"{names[memory.Index]}.{@group.Index}.{tensor.Index}"), tensor.Item)
        );

    public void Forget()
    {
        using var noGradient = no_grad();
        foreach (var tensor in State.SelectMany(memory => memory))
            tensor.zero_();
    }

    public void Dispose()
    {
        foreach (var tensor in State.SelectMany(memory => memory))
            tensor.Dispose();
    }
}
