using System.Globalization;
using System.Runtime.CompilerServices;

namespace TrainHarness.Testing;

/// <summary>
/// Texts that people and scripts read, kept whole in Snapshots/ beside the tests. A wanted change is accepted by running the tests
/// once with TRAINHARNESS_ACCEPT_SNAPSHOTS=1 and reading the difference before it is committed.
/// </summary>
internal static class Snapshot
{
    private const string Accept = "TRAINHARNESS_ACCEPT_SNAPSHOTS";

    public static void Matches(string name, string actual, [CallerFilePath] string test = "") =>
        MatchesFile(Path.Combine(TestProject(Path.GetDirectoryName(test)!), "Snapshots", name), actual);

    /// <summary>All files of a folder of snapshots that have an extension, and no others.</summary>
    public static void MatchAll(
        string folder,
        string extension,
        IReadOnlyDictionary<string, string> actual,
        [CallerFilePath] string test = ""
    )
    {
        var place = Path.Combine(TestProject(Path.GetDirectoryName(test)!), "Snapshots", folder);
        foreach (var (name, text) in actual)
            MatchesFile(Path.Combine(place, name), text);
        List<string> others =
        [
            .. Directory.EnumerateFiles(place, "*" + extension).Where(file => !actual.ContainsKey(Path.GetFileName(file))),
        ];
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            others.ForEach(File.Delete);
        else
            Assert.Empty(others);
    }

    /// <summary>The same for a file that stands elsewhere in the repository.</summary>
    public static void MatchesFile(string file, string actual)
    {
        var text = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
            return;
        }

        Assert.True(File.Exists(file), $"No snapshot {file}; run once with {Accept}=1 to make it.");
        var expected = File.ReadAllText(file).ReplaceLineEndings("\n");
        var place = Path.GetRelativePath(Repository.Folder, file).Replace('\\', '/');
        Assert.True(text == expected, FirstDifference(place, expected.Split('\n'), text.Split('\n')));
    }

    /// <summary>
    /// Numbers as a German writes them: 1.234,5. Machine settings cannot ask for it, because the product builds without cultures.
    /// </summary>
    public static CultureInfo German { get; } = MakeGerman();

    public static T InGermanCulture<T>(Func<T> action)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = German;
        try
        {
            return action();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static CultureInfo MakeGerman()
    {
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator =
            german.NumberFormat.PercentDecimalSeparator =
            german.NumberFormat.CurrencyDecimalSeparator =
                ",";
        german.NumberFormat.NumberGroupSeparator =
            german.NumberFormat.PercentGroupSeparator =
            german.NumberFormat.CurrencyGroupSeparator =
                ".";
        german.DateTimeFormat.ShortDatePattern = "dd.MM.yyyy";
        return german;
    }

    private static string TestProject(string folder) =>
        Directory.EnumerateFiles(folder, "*.csproj").Any() ? folder : TestProject(Path.GetDirectoryName(folder)!);

    private static string FirstDifference(string name, string[] expected, string[] actual)
    {
        var line = expected.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"{name}, line {line + 1}, is not as its snapshot ({Accept}=1 accepts all that is new).\n"
            + $"expected: {expected.ElementAtOrDefault(line) ?? "(nothing)"}\nactual:   {actual.ElementAtOrDefault(line) ?? "(nothing)"}";
    }
}
