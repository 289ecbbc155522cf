using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>RMSprop (Tieleman and Hinton 2012) with momentum, in PyTorch's form, by operators over lists of parameters.</summary>
internal sealed class MomentumRms(IEnumerable<Parameter> parameters, RmsPropRule rule) : IOptimizer
{
    private readonly ParameterGroup[] groups = ParameterGroup.For(rule, parameters, memories: 2);

    public NativePath? NativePath => NativePath.ForeachRmsProp;

    public void Update(double learningRate)
    {
        using var scope = NewDisposeScope();
        foreach (var group in groups)
        {
            group.TakeGradients();
            ListOperators.RmsProp(
                group.Parameters, group.Gradients, group.Memories[0], group.Memories[1],
                group.WeightDecay, rule.Decay, rule.Epsilon, rule.Momentum, learningRate);
        }
    }

    public void Reset()
    {
        foreach (var group in groups)
            group.Forget();
    }

    public void Dispose()
    {
        foreach (var group in groups)
            group.Dispose();
    }
}
