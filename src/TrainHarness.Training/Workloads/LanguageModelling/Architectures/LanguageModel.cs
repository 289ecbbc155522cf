using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.LanguageModelling.Architectures;

/// <summary>
/// A network that says what comes next in a text. Takes windows int64 <c>[N, T]</c>; gives logits <c>[N, T, vocabulary]</c>, those of
/// position t from the units up to t. The base of a network of the user's own, whose constructor takes
/// <see cref="LanguageModelOptions"/>.
/// </summary>
/// <param name="name">Of the family.</param>
public abstract class LanguageModel(string name) : Module<Tensor, Tensor>(name);
