using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Kernels;

/// <summary>Chooses the kernels of a trial before libtorch convolves: by a verdict of an earlier time, or by comparing them now.</summary>
public static class KernelComparison
{
    /// <summary>Set to 1, kernels are compared on processors that show their caches, too.</summary>
    public const string Variable = "TRAINHARNESS_CHECK_KERNELS";

    /// <summary>Whether kernels are compared at all. Where they are not, nothing is started and nothing waits.</summary>
    public static bool IsNeeded => HiddenCaches.AreHere || Environment.GetEnvironmentVariable(Variable) == "1";

    /// <param name="program">The program that serves <see cref="KernelCheckProcess.Verb"/>, and its arguments before it.</param>
    /// <param name="measuring">Called where they are compared now, which takes a while.</param>
    /// <exception cref="TorchLoadException">There is no libtorch, or the user has named kernels that are not known.</exception>
    public static KernelChoice Of(
        KernelCheckRequest request,
        IReadOnlyList<string> program,
        Action measuring,
        CancellationToken cancellation
    ) => Of(request, Candidates(), KernelVerdicts.OfUser, measuring, set => KernelCheckProcess.Run(program, request, set, cancellation));

    /// <summary>For people: what was compared in this cache before, by network, and what is used since.</summary>
    public static IReadOnlyList<string> Remembered() => KernelVerdicts.OfUser.Lines();

    internal static KernelChoice Of(
        KernelCheckRequest request,
        IReadOnlyList<KernelSet?> candidates,
        KernelVerdicts verdicts,
        Action measuring,
        Func<KernelSet?, KernelFinding> check
    )
    {
        var key = KernelVerdictKey.Of(candidates, request);
        if (verdicts.Find(key, candidates) is { } remembered)
            return remembered;
        measuring();
        var choice = KernelChoice.Among(candidates, check);
        // What was wrong throughout may be right when the machine, or the libtorch, is another; it is looked at again.
        if (choice.IsRight)
            verdicts.Remember(key, choice);
        return choice;
    }

    /// <summary>What the user has chosen, alone; else all that this machine can use, the fastest first.</summary>
    private static IReadOnlyList<KernelSet?> Candidates()
    {
        if (ConvolutionKernels.UsersLimit is not null)
            return [null];
        return ConvolutionKernels.Named is { } named
            ? [ConvolutionKernels.ByName(named)]
            : [.. KernelSet.FastestFirst.Where(set => !set.TellsCaches || HiddenCaches.AreHere)];
    }
}
