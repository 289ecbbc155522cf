using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// Translations on their way, a step at a time: what was computed of the words before is kept. Owns its tensors, whatever the dispose
/// scope.
/// </summary>
public abstract class Decoding : IDisposable
{
    /// <param name="words">int64 <c>[N]</c>: the word before, which at the first step is the begin.</param>
    /// <returns>Logits <c>[N, vocabulary]</c> of the next word, in the caller's dispose scope.</returns>
#pragma warning disable CA1716 // The keyword is one of another language.
    public abstract Tensor Next(Tensor words);
#pragma warning restore CA1716

    /// <summary>Goes on with these translations only, each in a place of its own; one may be there twice.</summary>
    /// <param name="rows">int64 <c>[M]</c>: places before.</param>
    public abstract void Keep(Tensor rows);

    public abstract void Dispose();

    /// <summary>Puts a new tensor in the place of one that goes.</summary>
    protected static void Replace(ref Tensor held, Tensor by)
    {
        var before = held;
        held = by.DetachFromDisposeScope();
        before.Dispose();
    }
}
