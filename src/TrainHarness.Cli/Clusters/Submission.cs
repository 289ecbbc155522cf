using System.Globalization;
using System.Text.Json;
using TrainHarness.Files;
using TrainHarness.Results;

namespace TrainHarness.Cli.Clusters;

/// <summary>What one <c>study submit</c> has given to a cluster.</summary>
/// <param name="Submitted">When, by the clock of the machine that did.</param>
/// <param name="Jobs">In the order in which they were given.</param>
internal sealed record Submission(string Executor, DateTimeOffset Submitted, IReadOnlyList<SubmittedJob> Jobs)
{
    private const string File = "submission.json";
    private const long LargestBytes = 16 << 20;

    /// <summary>Where the submissions of a study lie.</summary>
    public static string FolderOf(ResultStore store) => Path.Combine(store.Folder, "submissions");

    /// <summary>The folder of the submission that comes next; nothing is written.</summary>
    public static string NextFolder(ResultStore store)
    {
        var taken = Folders(store)
            .Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))
            .DefaultIfEmpty()
            .Max();
        return Path.Combine(FolderOf(store), (taken + 1).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Every submission of a study, the first one first, each with its folder.</summary>
    /// <exception cref="ConfigurationException">One cannot be read.</exception>
    public static IReadOnlyList<(string Folder, Submission Submission)> All(ResultStore store) =>
        [
            .. Folders(store)
                .Select(folder => (folder, Read(folder)))
                .Where(pair => pair.Item2 is not null)
                .Select(pair => (pair.folder, pair.Item2!)),
        ];

    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, File), ResultsJson.Write(this) + "\n");

    // By their numbers. One that was begun and never given to the cluster has no file.
    private static IEnumerable<string> Folders(ResultStore store) =>
        Directory.Exists(FolderOf(store))
            ? Directory
                .EnumerateDirectories(FolderOf(store))
                .Where(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .OrderBy(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))
            : [];

    private static Submission? Read(string folder)
    {
        var file = Path.Combine(folder, File);
        if (PlainFile.Read(file, LargestBytes) is not { } bytes)
            return null;
        try
        {
            return JsonSerializer.Deserialize<Submission>(bytes, ResultsJson.Options);
        }
        catch (JsonException error)
        {
            throw new ConfigurationException($"{file}: {error.Message.Split('\n')[0]}", error);
        }
    }
}

/// <summary>A job that a cluster knows.</summary>
/// <param name="Name">Of its script and of its manifest: <c>baseline</c>, <c>trials</c>, <c>report</c>.</param>
/// <param name="Id">As the cluster numbers it.</param>
/// <param name="Trials">How many trials it has; 0 for the report.</param>
internal sealed record SubmittedJob(string Name, string Id, int Trials);
