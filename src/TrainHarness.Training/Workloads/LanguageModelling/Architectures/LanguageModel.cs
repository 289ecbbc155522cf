using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.LanguageModelling.Architectures;

/// <summary>
/// A network that says what comes next in a text. Takes windows int64 <c>[N, T]</c>; gives logits <c>[N, T, vocabulary]</c>, those of
/// position t from the units up to t.
/// </summary>
/// <param name="name">Of the family.</param>
internal abstract class LanguageModel(string name) : Module<Tensor, Tensor>(name);
