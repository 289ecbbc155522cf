using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>The named classes of a larger source, as a dataset of its own: ImageNet-100 out of ImageNet.</summary>
internal sealed class ClassSelection(IExampleSource whole, IReadOnlyList<string> classes, string where) : IExampleSource
{
    public string Stamp
    {
        get
        {
            using var hash = new ContentHash();
            return hash.Add(whole.Stamp).Add(string.Join('/', classes.Order(StringComparer.Ordinal))).Finish();
        }
    }

    public bool IsListed => whole.IsListed;

    public IReadOnlyList<string> Remarks => whole.Remarks;

    public IReadOnlyDictionary<string, int> PassedOver => whole.PassedOver;

    public IReadOnlyList<ExampleEntry> List()
    {
        var kept = classes.ToHashSet(StringComparer.Ordinal);
        List<ExampleEntry> entries = [.. whole.List().Where(entry => kept.Contains(entry.ClassName))];
        var missing = kept.Except(entries.Select(entry => entry.ClassName), StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .FirstOrDefault();
        return missing is null
            ? entries
            : throw new ConfigurationException(
                $"{where}: no class {missing}; the dataset file asks for {classes.Count} classes, each of which must be there"
            );
    }

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen) => whole.Read(chosen);
}
