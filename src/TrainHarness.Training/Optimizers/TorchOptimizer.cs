using TorchSharp.Modules;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>An optimizer of TorchSharp, which updates one parameter after the other.</summary>
/// <param name="create">Makes it as it is before its first step.</param>
internal sealed class TorchOptimizer(Func<optim.Optimizer> create) : IOptimizer
{
    private optim.Optimizer optimizer = create();

    public NativePath? NativePath => null;

    public void Update(double learningRate)
    {
        using var scope = NewDisposeScope();
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = learningRate;
        optimizer.step();
    }

    public void Reset()
    {
        optimizer.Dispose();
        optimizer = create();
    }

    public IReadOnlyDictionary<string, Tensor> State =>
        new Dictionary<string, Tensor>(
            from state in States.Index()
            from memory in StateOf(state.Item)
            where memory.Value is not null
            select KeyValuePair.Create(FormattableString.Invariant($"{memory.Name}.{state.Index}"), memory.Value)
        );

    public void ResumeAfter(long steps)
    {
        foreach (var state in States)
        {
            if (state is RMSProp.State rmsProp)
                rmsProp.step = steps;
            else if (state is AdamW.State adamW)
                adamW.step = steps;
        }
    }

    private List<OptimizerState> States => ((OptimizerHelper)optimizer).state_dict().State;

    private static (string Name, Tensor? Value)[] StateOf(OptimizerState state) =>
        state switch
        {
            RMSProp.State rmsProp => [("square", rmsProp.square_avg), ("velocity", rmsProp.momentum_buffer), ("mean", rmsProp.grad_avg)],
            AdamW.State adamW => [("mean", adamW.exp_avg), ("square", adamW.exp_avg_sq), ("largest", adamW.max_exp_avg_sq)],
            _ => throw new NotSupportedException($"No checkpoint of {state.GetType()}."),
        };

    public void Dispose() => optimizer.Dispose();
}
