using System.Globalization;
using System.Text;
using TrainHarness.Files;

namespace TrainHarness.Results;

/// <summary>The imported trials of a study's results: a file each, <c>imported/ENTRY/seed-N.csv</c>.</summary>
public static class ImportedTrials
{
    private const string Folder = "imported";

    /// <summary>The trials of one file, or of every file of a folder whose name ends in <c>.csv</c>.</summary>
    /// <exception cref="ConfigurationException">One cannot be read, or a trial stands in two.</exception>
    public static IReadOnlyList<ImportedTrial> ReadFrom(string path)
    {
        string[] files = Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.csv").Order(StringComparer.Ordinal)] : [path];
        if (files.Length == 0)
            throw new ConfigurationException($"{path}: no file here ends in .csv; allowed: a CSV file of trials, or a folder of them.");
        var places = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var trials = new List<ImportedTrial>();
        foreach (var (file, trial) in files.SelectMany(file => ImportedTable.Read(file).Select(trial => (file, trial))))
        {
            if (!places.TryAdd(trial.Id, file))
                throw new ConfigurationException($"{file}: the trial {trial.Id} stands in {places[trial.Id]} too; allowed: once.");
            trials.Add(trial);
        }

        return trials;
    }

    /// <summary>The imported trials of a study, by entry and seed.</summary>
    /// <exception cref="ConfigurationException">A file of them cannot be read, or is not of the trial that its name says.</exception>
    public static IReadOnlyList<ImportedTrial> Of(ResultStore store)
    {
        var folder = Path.Combine(store.Folder, Folder);
        if (!Directory.Exists(folder))
            return [];
        var files = Directory.EnumerateDirectories(folder).SelectMany(entry => Directory.EnumerateFiles(entry, "seed-*.csv"));
        return
        [
            .. files.Select(file => ReadOne(store, file)).OrderBy(trial => trial.Entry, StringComparer.Ordinal).ThenBy(trial => trial.Seed),
        ];
    }

    /// <summary>Writes those that are not there yet.</summary>
    /// <returns>How many were written.</returns>
    /// <exception cref="ConfigurationException">
    /// One is there with other numbers, two tell of one architecture differently, or a folder on the way is a link; nothing was written.
    /// </exception>
    public static int Write(ResultStore store, IReadOnlyList<ImportedTrial> trials)
    {
        var told = trials.Select(trial => trial.Architecture).ToHashSet(StringComparer.Ordinal);
        RequireOnePublication([.. Of(store).Where(trial => told.Contains(trial.Architecture)), .. trials]);
        foreach (var trial in trials)
            OwnFolders.Require(store.Folder, [Folder, .. trial.Id.Split('/')[..^1]]);
        List<(string File, string Csv)> missing =
        [
            .. trials.Select(trial => (FileOf(store, trial.Id), ImportedTable.ToCsv(trial))).Where(IsMissing),
        ];
        foreach (var (file, csv) in missing)
            AtomicFile.Write(file, csv);
        return missing.Count;
    }

    // Seeds of one network that tell differently when it was published would be two networks in a report.
    private static void RequireOnePublication(IEnumerable<ImportedTrial> trials)
    {
        foreach (var architecture in trials.GroupBy(trial => trial.Architecture, StringComparer.Ordinal))
        {
            var first = architecture.First();
            if (architecture.FirstOrDefault(trial => (trial.Published, trial.Paper) != (first.Published, first.Paper)) is { } other)
                throw new ConfigurationException(
                    $"{other.Id}: was published {Publication(other)}, and {first.Id} {Publication(first)}; "
                        + "allowed: one 'published' and one "
                        + $"'paper' for an architecture."
                );
        }
    }

    private static string Publication(ImportedTrial trial) =>
        $"'{trial.Published?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}' in '{trial.Paper}'";

    private static bool IsMissing((string File, string Csv) trial)
    {
        if (!PlainFile.Exists(trial.File))
            return true;
        return PlainFile.Read(trial.File, ImportedTable.MaxBytes).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(trial.Csv))
            ? false
            : throw new ConfigurationException(
                $"{trial.File}: this trial is imported already, with other numbers; allowed: remove that file first."
            );
    }

    private static ImportedTrial ReadOne(ResultStore store, string file)
    {
        var trials = ImportedTable.Read(file);
        return trials is [var trial] && Path.GetFullPath(file) == FileOf(store, trial.Id)
            ? trial
            : throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{file}: holds {trials.Count} trials, the first {trials[0].Id}; allowed: the one that its name says."
                )
            );
    }

    private static string FileOf(ResultStore store, string id) => Path.Combine([store.Folder, Folder, .. $"{id}.csv".Split('/')]);
}
