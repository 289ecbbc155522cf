using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.Translation.Architectures;

/// <summary>
/// A network that says what comes next in a translation. Takes sources <c>[N, S]</c>, each with its end and then padding, and targets
/// <c>[N, T]</c>, each from its begin; gives logits <c>[N, T, vocabulary]</c>, those of position t from the source and the targets up to t.
/// The base of a network of the user's own, whose constructor takes <see cref="TranslatorOptions"/>.
/// </summary>
/// <param name="name">Of the family.</param>
public abstract class Translator(string name) : Module<Tensor, Tensor, Tensor>(name)
{
    /// <summary>
    /// Reads sources and stands before the first word of their translations. In evaluation mode it gives what <c>forward</c> gives: where a
    /// network does not say how, all words that were written go through that at every step.
    /// </summary>
    /// <param name="longest">Steps that will be asked for at most.</param>
    public virtual Decoding Start(Tensor source, int longest) => new WholeDecoding(this, source);
}
