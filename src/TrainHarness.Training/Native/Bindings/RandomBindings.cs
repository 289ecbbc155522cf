using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TrainHarness.Training.Native.Libtorch.Operators;

namespace TrainHarness.Training.Native.Bindings;

/// <summary>Draws from a device's own generator, and that generator's state.</summary>
internal static unsafe class RandomBindings
{
    private static readonly nint CudaGetState = LoadedLibraries.Export("torch_cuda", "_ZNK2at17CUDAGeneratorImpl9get_stateEv");
    private static readonly nint CudaSetState = LoadedLibraries.Export(
        "torch_cuda",
        "_ZN2at17CUDAGeneratorImpl9set_stateERKN3c1010TensorImplE"
    );

    /// <summary>Whether the state of a GPU's generator can be told and set.</summary>
    internal static bool HasCudaStates => CudaGetState != 0 && CudaSetState != 0;

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_randn")]
    public static nint Normal(
        nint generator,
        nint sizes,
        int dimensions,
        sbyte type,
        int deviceType,
        int deviceIndex,
        byte requiresGradient
    ) =>
        Drawn(generator, new ReadOnlySpan<long>((void*)sizes, dimensions), type, deviceType, deviceIndex, requiresGradient, tensor =>
            Do("aten::normal_"u8, Word(tensor), Word(0.0), Word(1.0), Dispatcher.None)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_rand")]
    public static nint Uniform(
        nint generator,
        nint sizes,
        int dimensions,
        sbyte type,
        int deviceType,
        int deviceIndex,
        byte requiresGradient
    ) =>
        Drawn(generator, new ReadOnlySpan<long>((void*)sizes, dimensions), type, deviceType, deviceIndex, requiresGradient, tensor =>
            Do("aten::uniform_"u8, Word(tensor), Word(0.0), Word(1.0), Dispatcher.None)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_randint")]
    public static nint Integers(
        nint generator,
        long low,
        long high,
        nint sizes,
        int dimensions,
        sbyte type,
        int deviceType,
        int deviceIndex,
        byte requiresGradient
    ) =>
        Drawn(generator, new ReadOnlySpan<long>((void*)sizes, dimensions), type, deviceType, deviceIndex, requiresGradient, tensor =>
            DoOverload("aten::random_"u8, "from"u8, Word(tensor), Word(low), Present(Word(high)), Dispatcher.None)
        );

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_bernoulli_0")]
    public static void Bernoulli(nint tensor, double probability, nint generator) =>
        With(generator, () => DoOverload("aten::bernoulli_"u8, "float"u8, Word(tensor), Word(probability), Dispatcher.None));

    [UnmanagedCallersOnly(EntryPoint = "THSTensor_normal_")]
    public static void NormalInPlace(nint tensor, double mean, double deviation, nint generator) =>
        With(generator, () => Do("aten::normal_"u8, Word(tensor), Word(mean), Word(deviation), Dispatcher.None));

    /// <summary>Positions by the weights in each row.</summary>
    [UnmanagedCallersOnly(EntryPoint = "THSTensor_multinomial")]
    public static nint Multinomial(nint weights, long count, byte replaces, nint generator)
    {
        var drawn = default(nint);
        With(generator, () => drawn = Call("aten::multinomial"u8, Word(weights), Word(count), Flag(replaces), Dispatcher.None));
        return drawn;
    }

    /// <summary>A generator for the CPU of its own: a state that takes the place of the CPU's own while something is drawn.</summary>
    [UnmanagedCallersOnly(EntryPoint = "THSGenerator_new")]
    public static nint New(ulong seed, long deviceType, long deviceIndex)
    {
        if (deviceType != LibtorchApi.CpuDevice())
            return Fail("a generator of its own for a GPU is not among the functions that go by libtorch's dispatcher");
        var own = (nint*)NativeMemory.Alloc(2, (nuint)sizeof(nint));
        var held = CpuState();
        MangledFunctions.SetSeed(Cpu, seed);
        (own[0], own[1]) = (OfItsOwn, CpuState());
        Restore(held);
        return (nint)own;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSGenerator_default_generator")]
    public static nint DefaultGenerator() => MangledFunctions.DefaultGenerator();

    /// <summary>Of the CPU only, as in TorchSharp's library.</summary>
    [UnmanagedCallersOnly(EntryPoint = "THSGenerator_manual_seed")]
    public static nint Seed(long seed)
    {
        var generator = MangledFunctions.DefaultGenerator();
        MangledFunctions.SetSeed(*(nint*)generator, unchecked((ulong)seed));
        return generator;
    }

    /// <summary>Of every GPU.</summary>
    [UnmanagedCallersOnly(EntryPoint = "THSCuda_manual_seed_all")]
    public static void SeedGpus(long seed) => MangledFunctions.SetCudaSeeds(unchecked((ulong)seed));

    [UnmanagedCallersOnly(EntryPoint = "THSGenerator_dispose")]
    public static void Dispose(nint generator)
    {
        // The others are libtorch's.
        if (!IsOfItsOwn(generator))
            return;
        Delete(((nint*)generator)[1]);
        NativeMemory.Free((void*)generator);
    }

    [UnmanagedCallersOnly(EntryPoint = "THSGenerator_get_rng_state")]
    public static nint State(nint generator)
    {
        if (IsOfItsOwn(generator))
            return Fail("the state of a generator of its own is not among the functions that go by libtorch's dispatcher");
        var result = Undefined();
        if (IsCpu(generator))
            MangledFunctions.GetState(result, *(nint*)generator);
        else if (CudaGetState != 0)
            ((delegate* unmanaged<nint, nint, nint>)CudaGetState)(result, *(nint*)generator);
        return result;
    }

    [UnmanagedCallersOnly(EntryPoint = "THSGenerator_set_rng_state")]
    public static void SetState(nint generator, nint state)
    {
        if (IsOfItsOwn(generator))
        {
            Fail("the state of a generator of its own is not among the functions that go by libtorch's dispatcher");
            return;
        }

        // libtorch's own check would end the process.
        LibtorchApi.GetElements(state, out var elements);
        if (
            Type(state) != ElementType.Byte
            || elements != StateSize(generator)
            || Device(state).Type != LibtorchApi.CpuDevice()
            || !IsContiguous(state)
        )
            Fail("set_rng_state: this is no state of this generator");
        else if (IsCpu(generator))
            MangledFunctions.SetState(*(nint*)generator, Implementation(state));
        else if (CudaSetState != 0)
            ((delegate* unmanaged<nint, nint, void>)CudaSetState)(*(nint*)generator, Implementation(state));
    }

    private static long StateSize(nint generator)
    {
        delegate* unmanaged<nint, nint> get = &State;
        var present = get(generator);
        LibtorchApi.GetElements(present, out var elements);
        Delete(present);
        return elements;
    }

    // What a libtorch generator points to is never this.
    private const nint OfItsOwn = 0;

    private static nint Cpu => *(nint*)MangledFunctions.DefaultGenerator();

    private static bool IsContiguous(nint tensor) => LibtorchApi.IsContiguous(tensor, out var isContiguous) == 0 && isContiguous != 0;

    private static bool IsCpu(nint generator) => *(nint*)generator == Cpu;

    private static bool IsOfItsOwn(nint generator) => *(nint*)generator == OfItsOwn;

    private static nint CpuState()
    {
        var state = Undefined();
        MangledFunctions.GetState(state, Cpu);
        return state;
    }

    // Takes the state.
    private static void Restore(nint state)
    {
        MangledFunctions.SetState(Cpu, Implementation(state));
        Delete(state);
    }

    private static nint Drawn(
        nint generator,
        ReadOnlySpan<long> sizes,
        int type,
        int deviceType,
        int deviceIndex,
        byte requiresGradient,
        Func<nint, bool> draw
    )
    {
        var tensor = Empty(sizes, type, deviceType, deviceIndex);
        if (tensor == 0)
            return 0;
        var isDrawn = false;
        With(generator, () => isDrawn = draw(tensor));
        return CreationBindings.Finished(CreationBindings.Done(tensor, isDrawn), requiresGradient);
    }

    private static void With(nint generator, Action draw)
    {
        if (generator == 0 || !IsOfItsOwn(generator))
        {
            draw();
            return;
        }

        var held = CpuState();
        var own = (nint*)generator;
        Restore(own[1]);
        draw();
        own[1] = CpuState();
        Restore(held);
    }
}
