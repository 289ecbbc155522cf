using System.Text.Json;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Cli.Clusters;

/// <summary>
/// What the tasks of one array are: the trial of each index, and all that its process needs to know. Its file lies beside the results.
/// </summary>
/// <param name="Study">Path of the study file, seen from the tasks.</param>
/// <param name="Results">Folder of all results, likewise.</param>
/// <param name="Data">Where the dataset lies, likewise; null leaves it to the dataset file.</param>
/// <param name="Device">As <c>--device</c> names it.</param>
/// <param name="Trials">By index, from 0.</param>
internal sealed record TrialManifest(string Study, string Results, string? Data, string Device, IReadOnlyList<ManifestTrial> Trials)
{
    private const long LargestBytes = 256 << 20;

    /// <exception cref="ConfigurationException">The file is missing or is no manifest.</exception>
    public static TrialManifest Read(string file)
    {
        var bytes = PlainFile.Read(file, LargestBytes) ?? throw new ConfigurationException($"{file}: no such file.");
        try
        {
            return JsonSerializer.Deserialize<TrialManifest>(bytes, ResultsJson.Options)
                ?? throw new ConfigurationException($"{file}: the manifest is empty.");
        }
        catch (JsonException error)
        {
            throw new ConfigurationException(
                $"{file}:{error.LineNumber + 1}:{error.BytePositionInLine + 1}: {error.Message.Split('\n')[0]}",
                error
            );
        }
    }

    /// <summary>The trial of an index.</summary>
    /// <param name="study">As its file says it now.</param>
    /// <exception cref="ConfigurationException">There is no such index, or the study was changed since the manifest was
    /// written.</exception>
    public Trial TrialAt(int index, Study study)
    {
        if (index < 0 || index >= Trials.Count)
            throw new ConfigurationException($"--index: {index} is out of range; allowed: 0 to {Trials.Count - 1}.");
        var (id, configuration) = Trials[index];
        var trial = study.Trials.FirstOrDefault(trial => trial.Id == id)
            ?? throw new ConfigurationException($"{Study}: has no trial '{id}' any more, which was submitted; submit the study again.");
        return TrialFingerprint.Of(study, trial.Entry) == configuration
            ? trial
            : throw new ConfigurationException(
                $"{Study}: was changed since '{id}' was submitted; cancel what is queued and submit the study again."
            );
    }
}

/// <summary>One trial of a manifest.</summary>
/// <param name="ConfigurationSha256">See <see cref="TrialFingerprint"/>.</param>
internal sealed record ManifestTrial(string Id, string ConfigurationSha256);
