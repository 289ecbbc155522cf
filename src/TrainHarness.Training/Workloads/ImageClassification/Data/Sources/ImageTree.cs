using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Data.Decoding;
using TrainHarness.Training.Workloads.ImageClassification.Data.Layouts;
using TrainHarness.Training.Workloads.ImageClassification.Data.Trees;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>Images that lie as files in a folder or an archive; see <see cref="ImageTreeReader"/> for how.</summary>
internal sealed class ImageTree(IFileTree tree) : IExampleSource
{
    private ImageListing? listing;

    public string Stamp => tree.Stamp ?? StampOf(Listing);

    public bool IsListed => listing is not null;

    public IReadOnlyDictionary<string, int> PassedOver => Listing.PassedOver.Counts;

    public IReadOnlyList<string> Remarks => Listing.Remarks;

    private ImageListing Listing => listing ??= Listed();

    public IReadOnlyList<ExampleEntry> List() => Listing.Entries;

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen) =>
        tree.Read([.. chosen.Select(example => Listing.FileOf[example.Name].Name)])
            .Select(file => new PendingExample(file.Index, (side, destination) => EncodedImage.Render(file.Content(), side, destination)));

    private ImageListing Listed()
    {
        try
        {
            return ImageTreeReader.Read(tree);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UndecodableImageException)
        {
            throw new ConfigurationException($"{tree.Place}: cannot be read: {e.Message}", e);
        }
    }

    private string StampOf(ImageListing listed)
    {
        using var hash = new ContentHash();
        foreach (var list in listed.Lists)
            hash.Add(tree.Place).Add(list.Stamp);
        foreach (var entry in listed.Entries)
            hash.Add(entry.Name).Add(entry.Length).Add(listed.FileOf[entry.Name].Stamp);
        return hash.Finish();
    }
}
