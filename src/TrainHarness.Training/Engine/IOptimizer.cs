namespace TrainHarness.Training.Engine;

/// <summary>Moves weights along their gradients.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>One operator of libtorch updates all parameters.</summary>
    bool IsFused { get; }

    /// <summary>Updates every parameter from its gradient.</summary>
    void Update(double learningRate);

    /// <summary>Forgets the past: the next step is a first step.</summary>
    void Reset();
}
