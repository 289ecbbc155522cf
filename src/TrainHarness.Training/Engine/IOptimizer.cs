using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>Moves weights along their gradients.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>What updates all parameters at once; null where TorchSharp updates one after the other.</summary>
    NativePath? NativePath { get; }

    /// <summary>Updates every parameter from its gradient.</summary>
    void Update(double learningRate);

    /// <summary>Forgets the past: the next step is a first step.</summary>
    void Reset();

    /// <summary>What is remembered of past steps, by name: the live tensors, which a checkpoint saves and fills.</summary>
    IReadOnlyDictionary<string, Tensor> Memories { get; }

    /// <summary>Takes the memories, filled from a checkpoint, for those of so many steps.</summary>
    /// <param name="steps">At least one.</param>
    void ResumeAfter(long steps);
}
