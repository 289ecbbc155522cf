using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TrainHarness.Files;
using TrainHarness.Results;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.Training.Kernels;

/// <summary>
/// The verdicts of earlier times, a file for each. Anybody may have written there: what is not whole, or does not follow from itself, is
/// not believed, and the kernels are compared anew.
/// </summary>
/// <param name="folder">Made when something is remembered.</param>
internal sealed class KernelVerdicts(string folder)
{
    private const long MaxBytes = 4_000_000;
    private const int MaxListed = 200;

    private static readonly JsonSerializerOptions Json = new(ResultsJson.Options)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>In the user's cache.</summary>
    public static KernelVerdicts OfUser => new(Path.Combine(CacheFolder.Root, "kernels"));

    private sealed record Stored(KernelVerdictKey Key, IReadOnlyList<KernelFinding> Findings);

    /// <returns>Null where there is none to believe.</returns>
    public KernelChoice? Find(KernelVerdictKey key, IReadOnlyList<KernelSet?> candidates) =>
        Read(Path.Combine(folder, key.FileName)) is { } stored && stored.Key.Text == key.Text ? Follow(stored.Findings, candidates) : null;

    /// <summary>A verdict that cannot be written is a verdict all the same.</summary>
    public void Remember(KernelVerdictKey key, KernelChoice choice)
    {
        try
        {
            AtomicFile.Write(Path.Combine(folder, key.FileName), JsonSerializer.Serialize(new Stored(key, choice.Findings), Json));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next trial compares again.
        }
    }

    /// <summary>For people: what was compared here before, by network, and what is used since.</summary>
    public IReadOnlyList<string> Lines()
    {
        if (!Directory.Exists(folder))
            return [];
        return
        [
            .. Directory
                .EnumerateFiles(folder, "*.json")
                .Take(MaxListed)
                .Select(Read)
                .OfType<Stored>()
                .Select(stored =>
                    (
                        stored.Key.Request,
                        Last: stored.Findings is [.., { Outcome: KernelOutcome.Right } last] ? KernelSet.ByName(last.Kernels) : null
                    )
                )
                .Where(verdict => verdict.Last is not null)
                .Select(verdict =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{verdict.Request.Architecture} at {verdict.Request.ImageSize} px in "
                            + $"{verdict.Request.Precision.ToString().ToLowerInvariant()}: "
                            + $"{string.Join(", ", ConvolutionKernels.PathsOf(verdict.Last!))}"
                    )
                )
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
    }

    private static Stored? Read(string file)
    {
        try
        {
            return PlainFile.Read(file, MaxBytes) is { } bytes ? JsonSerializer.Deserialize<Stored>(bytes, Json) : null;
        }
        catch (Exception error) when (error is JsonException or ConfigurationException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>
    /// What the findings say, if they are those of these candidates: each but the last was not right, and the last was, in every layer.
    /// </summary>
    private static KernelChoice? Follow(IReadOnlyList<KernelFinding> findings, IReadOnlyList<KernelSet?> candidates)
    {
        if (
            findings.Count == 0
            || findings.Count > candidates.Count
            || findings.Any(finding => finding is null || finding.Layers.Any(layer => layer is null))
        )
            return null;
        for (var index = 0; index < findings.Count; index++)
        {
            var (finding, isLast) = (findings[index], index == findings.Count - 1);
            if (finding.Kernels != (candidates[index]?.Name ?? KernelChoice.Users) || (finding.Outcome == KernelOutcome.Right) != isLast)
                return null;
        }

        return findings[^1].Layers.Count > 0 && findings[^1].Layers.All(layer => layer.Wrong is null && double.IsFinite(layer.Forward))
            ? new KernelChoice(candidates[findings.Count - 1], findings)
            : null;
    }
}
