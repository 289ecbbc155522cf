using TorchSharp;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>
/// The states of libtorch's own generators, which dropout and the like follow. All other randomness is a function of seed and step.
/// </summary>
internal static class RandomGenerators
{
    private const string Host = "random.cpu";
    private const string Gpu = "random.cuda";
    private const int TwisterWords = 624;

    /// <summary>
    /// Copies of the states by name, in the host's memory: the processor's, and the GPU's where the trial runs on one that can be asked.
    /// </summary>
    public static Dictionary<string, Tensor> States(Device device)
    {
        // Held: TorchSharp's own get_rng_state and set_rng_state let go of the generator during the call.
        using var ofTheCpu = Generator.Default;
        var states = new Dictionary<string, Tensor> { [Host] = ofTheCpu.get_state() };
        if (HasOwn(device))
            states.Add(Gpu, CudaGenerator.State(Index(device)));
        return states;
    }

    /// <param name="states">As <see cref="States"/> names them.</param>
    /// <exception cref="InvalidDataException">The processor's is none that the generator can be in.</exception>
    public static void Restore(IReadOnlyDictionary<string, Tensor> states, Device device)
    {
        if (!IsPossible(states[Host].data<byte>().ToArray()))
            throw new InvalidDataException("the state of its random generator is impossible");
        using var ofTheCpu = Generator.Default;
        ofTheCpu.set_state(states[Host]);
        if (HasOwn(device))
            CudaGenerator.Restore(Index(device), states[Gpu]);
    }

    // libtorch refuses others by an exception that nothing catches, which ends the process. After the seed: how many numbers are left,
    // whether it is seeded, and which number is next (aten/src/ATen/CPUGeneratorImpl.cpp, CPUGeneratorImplStateLegacy, and
    // MT19937RNGEngine.h, is_valid).
    private static bool IsPossible(ReadOnlySpan<byte> state) =>
        BitConverter.ToInt32(state[8..]) is > 0 and <= TwisterWords
        && BitConverter.ToInt32(state[12..]) == 1
        && BitConverter.ToUInt64(state[16..]) <= TwisterWords;

    private static bool HasOwn(Device device) => device.type == DeviceType.CUDA && CudaGenerator.IsAvailable;

    private static int Index(Device device) => Math.Max(0, device.index);
}
