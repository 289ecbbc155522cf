using System.Globalization;
using System.Text;
using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Layouts;

/// <summary>The lists in which the classes of validation images are given out, where these lie without class folders.</summary>
internal static class LabelLists
{
    /// <summary>For messages.</summary>
    public const string Known =
        $"{ListFiles.Annotations}, {ListFiles.Solution}, imagenet_2012_validation_synset_labels.txt, or the devkit with "
        + $"{ListFiles.GroundTruth} and {ListFiles.Synsets}";

    private const int WordsOfBox = 5;

    /// <summary>The list among some files; null where there is none.</summary>
    /// <param name="used">Takes the files that were read.</param>
    /// <exception cref="ConfigurationException">A list cannot be understood.</exception>
    public static ImageLabels? Read(IReadOnlyList<TreeEntry> files, IFileTree tree, ICollection<TreeEntry> used)
    {
        foreach (
            var (name, parse) in ((string, Func<string, string, Dictionary<string, string>>)[])
                [
                    (ListFiles.Annotations, Annotations),
                    (ListFiles.Solution, Solution),
                    .. ListFiles.Numbered.Select(name => (name, (Func<string, string, Dictionary<string, string>>)Numbered)),
                ]
        )
        {
            if (Named(files, name) is { } list)
                return new ImageLabels(list.Name, parse(Path.Combine(tree.Place, list.Name), Text(list)));
        }

        if (Named(files, ListFiles.GroundTruth) is not { } truth || Named(files, ListFiles.Synsets) is not { } synsets)
            return null;
        var classes = SynsetTable.Read(Path.Combine(tree.Place, synsets.Name), Content(synsets));
        return new ImageLabels(truth.Name, GroundTruth(Path.Combine(tree.Place, truth.Name), Text(truth), classes));

        string Text(TreeEntry list) =>
            Encoding.UTF8.GetString(Content(list)) is { Length: > 0 } text
                ? text
                : throw new ConfigurationException($"{tree.Place}: {list.Name} is empty; allowed: a line for every image");

        byte[] Content(TreeEntry list)
        {
            used.Add(list);
            return tree.List(list);
        }
    }

    private static TreeEntry? Named(IReadOnlyList<TreeEntry> files, string name) =>
        files.FirstOrDefault(file => file.Leaf == name && file.Kind == TreeKind.File);

    // Tiny-ImageNet's: file, class and box, separated by tabs.
    private static Dictionary<string, string> Annotations(string where, string text)
    {
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (number, line) in Lines(text))
        {
            var cells = line.Split('\t');
            if (cells.Length < 2 || !IsClass(cells[1]) || !classes.TryAdd(cells[0], cells[1]))
                throw ConfigurationException.At(where, number, 1, "this is no annotation; allowed: FILE, a tab, CLASS, each file once.");
        }

        return classes;
    }

    // Kaggle's: an image without its extension, and a class and a box for every object, all of one class.
    private static Dictionary<string, string> Solution(string where, string text)
    {
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (number, line) in Lines(text))
        {
            var cells = line.Split(',');
            if (number == 1 && cells[0] == "ImageId")
                continue;
            var words = cells.Length == 2 ? cells[1].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
            string[] named = [.. words.Where((_, place) => place % WordsOfBox == 0).Distinct(StringComparer.Ordinal)];
            if (
                cells[0].Length == 0
                || words.Length % WordsOfBox != 0
                || named.Length != 1
                || !IsClass(named[0])
                || !classes.TryAdd(cells[0], named[0])
            )
                throw ConfigurationException.At(
                    where,
                    number,
                    1,
                    "this is no solution; allowed: IMAGE,CLASS X Y X Y with one class for each image, each image once."
                );
        }

        return classes;
    }

    private static Dictionary<string, string> Numbered(string where, string text)
    {
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (number, line) in Lines(text))
        {
            if (!IsClass(line.Trim()) || line.Trim().Contains(' ', StringComparison.Ordinal))
                throw ConfigurationException.At(
                    where,
                    number,
                    1,
                    "this is no class; allowed: one class on each line, in the order of the images' numbers."
                );
            classes.Add(NameOf(number), line.Trim());
        }

        return classes;
    }

    private static Dictionary<string, string> GroundTruth(string where, string text, IReadOnlyDictionary<int, string> synsets)
    {
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (number, line) in Lines(text))
        {
            if (
                !int.TryParse(line.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || !synsets.TryGetValue(id, out var synset)
            )
                throw ConfigurationException.At(
                    where,
                    number,
                    1,
                    $"this is no class; allowed: an ILSVRC2012_ID of {ListFiles.Synsets} on each line."
                );
            classes.Add(NameOf(number), synset);
        }

        return classes;
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"ILSVRC2012_val_{number:D8}");

    private static bool IsClass(string name) => name.Length > 0 && !name.Contains('/', StringComparison.Ordinal);

    private static IEnumerable<(int Number, string Line)> Lines(string text) =>
        text.TrimStart('\uFEFF')
            .ReplaceLineEndings("\n")
            .Split('\n')
            .Select((line, place) => (place + 1, line))
            .Where(line => line.line.Length > 0);
}
