using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.Training.Kernels;

/// <summary>The fastest kernels all of whose results are right for a network at its shapes.</summary>
/// <param name="Kernels">Null where the user has chosen, or where none is right.</param>
/// <param name="Findings">What was compared, in the order in which it was; those after the first right one were not.</param>
public sealed record KernelChoice(KernelSet? Kernels, IReadOnlyList<KernelFinding> Findings)
{
    /// <summary>In place of a set's name, where the user has limited oneDNN.</summary>
    public const string Users = "the user's";

    /// <param name="candidates">Fastest first; null is what the user has limited oneDNN to.</param>
    /// <param name="check">Compares one of them.</param>
    public static KernelChoice Among(IEnumerable<KernelSet?> candidates, Func<KernelSet?, KernelFinding> check)
    {
        List<KernelFinding> findings = [];
        foreach (var candidate in candidates)
        {
            findings.Add(check(candidate));
            if (findings[^1].Outcome == KernelOutcome.Right)
                return new KernelChoice(candidate, findings);
        }

        return new KernelChoice(null, findings);
    }

    /// <summary>Whether what was looked at last is right.</summary>
    public bool IsRight => Findings is [.., { Outcome: KernelOutcome.Right }];

    /// <summary>For people, on one line: what was chosen, and why not what would be faster.</summary>
    public string Line(string entry)
    {
        var passed = string.Join(
            "; ",
            Findings.Where(finding => finding.Outcome != KernelOutcome.Right).Select(finding => $"{finding.Kernels}: {finding.Problem}")
        );
        var used = Kernels is null ? "what you have limited it to" : string.Join(", ", ConvolutionKernels.PathsOf(Kernels));
        var chosen = IsRight ? $"{entry}: oneDNN's results are right with {used}" : $"{entry}: oneDNN's results are wrong";
        return passed.Length == 0 ? $"{chosen}." : $"{chosen} ({passed}).";
    }
}
