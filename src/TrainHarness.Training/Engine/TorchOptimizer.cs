using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

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

    public void Dispose() => optimizer.Dispose();
}
