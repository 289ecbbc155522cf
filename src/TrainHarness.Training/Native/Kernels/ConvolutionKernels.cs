using System.Runtime.Intrinsics.X86;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native.Kernels;

/// <summary>
/// Which kernels oneDNN has in this process. It decides once, at its first convolution: what is to be chosen is chosen before libtorch is
/// loaded. Where the processor shows its caches nothing is done. Where it hides them and nobody has compared its results, oneDNN is kept to
/// AVX, whose kernels were right on every such machine.
/// </summary>
public static class ConvolutionKernels
{
    /// <summary>Names a <see cref="KernelSet"/>: the user's wish, or what a study run found to be right for its trial.</summary>
    public const string Variable = "TRAINHARNESS_KERNELS";

    /// <summary>oneDNN's own variables, of which the second is its old name; the first limits which instructions it uses.</summary>
    internal static readonly string[] OneDnnVariables = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];

    // As this process found them: what it sets itself is nobody's wish.
    private static readonly string? NamedAtStart = Given(Variable);
    private static readonly string? LimitAtStart = OneDnnVariables.Select(Given).FirstOrDefault(value => value is not null);

    /// <summary>What was chosen; null where oneDNN is left as it comes, or to the user's own limit.</summary>
    public static KernelSet? Current { get; private set; }

    /// <summary>What the user has set by oneDNN's own variable; null where the user has not.</summary>
    public static string? UsersLimit => NamedAtStart is null ? LimitAtStart : null;

    /// <summary>What the user, or the study run that started this process, has named; null where nobody has.</summary>
    public static string? Named => NamedAtStart;

    /// <summary>
    /// What this process convolves by, as in record.json; empty where oneDNN is left as it comes on a processor that shows its caches.
    /// </summary>
    public static IReadOnlyList<string> NativePaths() =>
        Current is { } chosen ? PathsOf(chosen)
        : HiddenCaches.AreHere && UsersLimit is { } limit ? [$"onednn-{limit.ToLowerInvariant().Replace('_', '-')}"]
        : [];

    /// <summary>As in record.json.</summary>
    public static IReadOnlyList<string> PathsOf(KernelSet set) =>
        !set.UsesOneDnn
            ? ["no-onednn"]
            :
            [
                set.MaxIsa is { } limit ? $"onednn-{limit.ToLowerInvariant()}" : WidestPath,
                .. set.TellsCaches ? (string[])["onednn-told-caches"] : [],
            ];

    private static string WidestPath =>
        Avx512F.IsSupported ? "onednn-avx512"
        : Avx2.IsSupported ? "onednn-avx2"
        : "onednn-avx";

    /// <summary>
    /// Sets the variables of a process that is to be started, so that it convolves by these kernels; the user's own limit stays.
    /// </summary>
    public static void Hand(IDictionary<string, string?> environment, KernelSet set)
    {
        if (UsersLimit is not null)
            return;
        foreach (var variable in OneDnnVariables)
            environment.Remove(variable);
        environment[Variable] = set.Name;
        if (set.MaxIsa is { } limit)
            environment[OneDnnVariables[0]] = limit;
    }

    /// <summary>Takes out of a process that is to be started what this one has set for itself. What the user has set stays.</summary>
    public static void Forget(IDictionary<string, string?> environment)
    {
        if (NamedAtStart is not null || UsersLimit is not null)
            return;
        environment.Remove(Variable);
        foreach (var variable in OneDnnVariables)
            environment.Remove(variable);
    }

    /// <summary>To be called before libtorch is loaded, by who has compared the results.</summary>
    public static void Choose(KernelSet set)
    {
        if (UsersLimit is not null)
            return;
        Current = set;
        NativeEnvironment.Set(Variable, set.Name);
        if (set.MaxIsa is { } limit)
            NativeEnvironment.Set(OneDnnVariables[0], limit);
    }

    /// <summary>The same where nobody has chosen: by name, or else carefully.</summary>
    /// <exception cref="TorchLoadException">The name is not known.</exception>
    internal static void ChooseWhereNobodyHas()
    {
        if (Current is not null || UsersLimit is not null)
            return;
        if (NamedAtStart is { } name)
            Choose(ByName(name));
        else if (HiddenCaches.AreHere)
            Choose(KernelSet.Avx);
    }

    /// <summary>To be called when libtorch is loaded and its C interface can be called.</summary>
    /// <param name="library">libtorch_cpu.</param>
    /// <param name="torchCpu">Any function of it.</param>
    /// <exception cref="TorchLoadException">oneDNN is to be told of the caches, and this one cannot be.</exception>
    internal static void Apply(nint library, nint torchCpu)
    {
        if (SimulatedHiddenCaches.AreOn)
            SimulatedHiddenCaches.Hide(torchCpu);
        if (Current is { UsesOneDnn: false } && !ContextSwitch.TurnOff(library, ContextSwitch.OneDnn))
            throw new TorchLoadException(
                $"{Variable}: this libtorch cannot be kept from oneDNN; allowed: "
                    + $"{Names(KernelSet.FastestFirst.Where(set => set.UsesOneDnn))}."
            );
        if (Current is not { TellsCaches: true } || !HiddenCaches.AreHere)
            return;
        if (!HiddenCaches.Tell(torchCpu))
            throw new TorchLoadException(
                $"{Variable}: this libtorch's oneDNN cannot be told how large the caches are; allowed: "
                    + $"{Names(KernelSet.FastestFirst.Where(set => !set.TellsCaches))}."
            );
    }

    /// <exception cref="TorchLoadException">There is none of that name.</exception>
    internal static KernelSet ByName(string name) =>
        KernelSet.ByName(name)
        ?? throw new TorchLoadException($"{Variable}: '{name}' is not known; allowed: {Names(KernelSet.FastestFirst)}.");

    private static string Names(IEnumerable<KernelSet> sets) => string.Join(", ", sets.Select(set => set.Name));

    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
