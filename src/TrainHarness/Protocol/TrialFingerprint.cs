using System.Security.Cryptography;
using System.Text;

namespace TrainHarness.Protocol;

/// <summary>
/// Identifies all that decides what a trial measures. A record made under another fingerprint is not the same measurement:
/// it is neither reused nor compared.
/// </summary>
public static class TrialFingerprint
{
    /// <summary>SHA-256, in lower-case hexadecimal digits.</summary>
    public static string Of(Study study, Entry entry) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(TextOf(study, entry))));

    /// <summary>What is hashed.</summary>
    internal static string TextOf(Study study, Entry entry)
    {
        // The other entries, the seeds, the prices and the place of the data do not change what one trial measures.
        var alone = study with
        {
            Name = "-",
            Baseline = entry,
            Entries = [],
            Seeds = [0],
            // What blind guessing reaches follows from the data.
            Target = study.Target with
            {
                Metric = study.Target.Metric with { Chance = null },
                Threshold = study.Target.FromBaseline ? null : study.Target.Threshold,
            },
            CheckpointEveryMinutes = 1,
            Scan = null,
            ScanOf = null,
            Settings = study.Settings.Measured,
            Prices = null,
            Ablation = null,
            Scale = null,
        };
        // A scan has no baseline: a rate that is added to its grid leaves the others as they are.
        var baseline = study.ScanOf is null ? study.Baseline.Name : "-";
        // Protocol 1 hashed the file's text, and with it the habits of the library that wrote it.
        return study.Protocol == ProtocolVersion.First
            ? $"protocol {study.Protocol}\nbaseline {baseline}\n{StudyWriter.ToYaml(alone)}"
            : CanonicalForm.Of(new Dictionary<string, object?> { ["baseline"] = baseline, ["study"] = StudyWriter.Lines(alone) });
    }
}
