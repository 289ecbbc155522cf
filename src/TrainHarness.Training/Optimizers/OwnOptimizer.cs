using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>An optimizer of the user's own: its rule, one parameter after the other.</summary>
internal sealed class OwnOptimizer : IOptimizer
{
    private readonly OwnUpdate update;
    private readonly ParameterGroup[] groups;
    private long steps;

    public OwnOptimizer(IEnumerable<Parameter> parameters, OptimizerRule rule, OwnUpdate update)
    {
        this.update = update;
        groups = ParameterGroup.For(rule, parameters, update.StateNames.Count);
    }

    public NativePath? NativePath => null;

    public IReadOnlyDictionary<string, Tensor> State => ParameterGroup.Named(groups, update.StateNames);

    public void Update(double learningRate)
    {
        using var noGradient = no_grad();
        steps++;
        foreach (var group in groups)
        {
            using var all = NewDisposeScope();
            var step = new UpdateStep(learningRate, group.WeightDecay, steps);
            var gradients = Dispatcher.Gradients(group.Parameters);
            for (var index = 0; index < group.Parameters.Length; index++)
            {
                using var one = NewDisposeScope();
                var place = index;
                update.Update(group.Parameters[index], gradients[index], [.. group.State.Select(memory => memory[place])], step);
            }
        }
    }

    public void Reset()
    {
        steps = 0;
        foreach (var group in groups)
            group.Forget();
    }

    public void ResumeAfter(long steps) => this.steps = steps;

    public void Dispose()
    {
        foreach (var group in groups)
            group.Dispose();
    }
}
