using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// A network that says what comes next in a translation. Takes sources <c>[N, S]</c>, each with its end and then padding, and targets
/// <c>[N, T]</c>, each from its begin; gives logits <c>[N, T, vocabulary]</c>, those of position t from the source and the targets up to t.
/// </summary>
/// <param name="name">Of the family.</param>
internal abstract class Translator(string name) : Module<Tensor, Tensor, Tensor>(name)
{
    /// <summary>
    /// Reads sources and stands before the first word of their translations. In evaluation mode it gives what <c>forward</c> gives.
    /// </summary>
    /// <param name="longest">Steps that will be asked for at most.</param>
    public abstract Decoding Start(Tensor source, int longest);
}
