using TorchSharp;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>The states of libtorch's own generators, which dropout and the like follow. All other randomness is a function of seed and step.</summary>
internal static class RandomGenerators
{
    private const string Host = "random.cpu";
    private const string Gpu = "random.cuda";

    /// <summary>Copies of the states by name, in the host's memory: the processor's, and the GPU's where the trial runs on one that can be asked.</summary>
    public static Dictionary<string, Tensor> States(Device device)
    {
        var states = new Dictionary<string, Tensor> { [Host] = random.get_rng_state() };
        if (HasOwn(device))
            states.Add(Gpu, CudaGenerator.State(Index(device)));
        return states;
    }

    /// <param name="states">As <see cref="States"/> names them.</param>
    public static void Restore(IReadOnlyDictionary<string, Tensor> states, Device device)
    {
        random.set_rng_state(states[Host]);
        if (HasOwn(device))
            CudaGenerator.Restore(Index(device), states[Gpu]);
    }

    private static bool HasOwn(Device device) => device.type == DeviceType.CUDA && CudaGenerator.IsAvailable;

    private static int Index(Device device) => Math.Max(0, device.index);
}
