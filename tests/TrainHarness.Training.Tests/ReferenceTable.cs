namespace TrainHarness.Training.Tests;

/// <summary>
/// Numbers from outside: a CSV file under Reference/, keyed by its first column. Lines that start with '#' say where they come from.
/// </summary>
internal static class ReferenceTable
{
    /// <summary>The folder of the solution, above the test's own output folder.</summary>
    public static string Repository => TrainHarness.Testing.Repository.Folder;

    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Read(string file)
    {
        string[][] lines =
        [
            .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Reference", file))
                .Where(line => !line.StartsWith('#'))
                .Select(line => line.Split(',')),
        ];
        return lines.Skip(1).ToDictionary(line => line[0], IReadOnlyDictionary<string, string> (line) => Row(lines[0], line));
    }

    private static Dictionary<string, string> Row(string[] names, string[] values) =>
        names.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);
}
