using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>The states of libtorch's own generators, which dropout and the like follow. All other randomness is a function of seed and step.</summary>
internal static class RandomGenerators
{
    /// <summary>Copies of the states by name: the processor's, and the device's where it has one that can be asked.</summary>
    public static Dictionary<string, Tensor> States() => new() { ["random.cpu"] = random.get_rng_state() };

    /// <param name="states">As <see cref="States"/> names them.</param>
    public static void Restore(IReadOnlyDictionary<string, Tensor> states) => random.set_rng_state(states["random.cpu"]);
}
