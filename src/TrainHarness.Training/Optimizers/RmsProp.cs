using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>
/// RMSprop (Tieleman and Hinton 2012) with momentum, in PyTorch's form: g ← g + λw; s ← αs + (1 − α)g²; v ← μv + g/(√s + ε); w ← w − ηv.
/// One parameter after the other: no operator of libtorch is all of it, and over lists its parts measure slower on a CPU, as large
/// temporaries leave the cache.
/// </summary>
internal sealed class RmsProp(IEnumerable<Parameter> parameters, RmsPropRule rule) : IOptimizer
{
    private readonly ParameterGroup[] groups = ParameterGroup.For(rule, parameters, slots: 2);

    public NativePath? NativePath => null;

    public void Update(double learningRate)
    {
        using var noGradient = no_grad();
        foreach (var group in groups)
            Step(group, learningRate);
    }

    public void Reset()
    {
        foreach (var group in groups)
            group.Forget();
    }

    public IReadOnlyDictionary<string, Tensor> State => ParameterGroup.Named(groups, ["square", "velocity"]);

    public void ResumeAfter(long steps) { }

    public void Dispose()
    {
        foreach (var group in groups)
            group.Dispose();
    }

    private void Step(ParameterGroup group, double learningRate)
    {
        using var scope = NewDisposeScope();
        var gradients = Dispatcher.Gradients(group.Parameters);
        using Scalar decay = group.WeightDecay,
            kept = rule.Decay,
            taken = 1 - rule.Decay,
            epsilon = rule.Epsilon,
            momentum = rule.Momentum,
            one = 1,
            rate = -learningRate;
        for (var index = 0; index < group.Parameters.Length; index++)
        {
            var gradient = gradients[index].add(group.Parameters[index], alpha: decay);
            var square = group.State[0][index].mul_(kept).addcmul_(gradient, gradient, taken);
            var velocity = group.State[1][index].mul_(momentum).addcdiv_(gradient, square.sqrt().PlusInPlace(epsilon), one);
            group.Parameters[index].add_(velocity, alpha: rate);
        }
    }
}
