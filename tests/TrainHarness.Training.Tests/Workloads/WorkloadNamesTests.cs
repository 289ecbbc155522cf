using System.Text.RegularExpressions;

namespace TrainHarness.Training.Tests.Workloads;

/// <summary>
/// What a workload is of is its own business: the engine, the checkpoints, the pricing and the torch-free project name no images.
/// </summary>
public sealed partial class WorkloadNamesTests
{
    private static readonly Dictionary<string, string> Argued = new()
    {
        // Words of files that are out there: a study, a recipe or a record that names no workload is of images, and every program must read
        // it.
        ["Protocol/ImageSettings.cs"] = "the keys of a study of images",
        ["Protocol/DatasetDescription.cs"] = "the files of configs/datasets",
        ["Protocol/DatasetReader.cs"] = "the files of configs/datasets",
        ["Protocol/Subset.cs"] = "the key 'subset' of a study of images",
        ["Protocol/AugmentationRule.cs"] = "the key 'augmentation' of a recipe of images",
        ["Protocol/Recipe.cs"] = "the keys of a recipe of images",
        ["Protocol/RecipeReader.cs"] = "the keys of a recipe of images",
        ["Protocol/StudyReader.cs"] = "a study that names no workload is of images",
        ["Protocol/StudyVocabulary.cs"] = "a study that names no workload is of images",
        ["Protocol/IWorkloadSettings.cs"] = "only images leave a key out of the fingerprint",
        ["Results/TrialRecord.cs"] = "classes and sizes in a record of images",
        ["Results/Validation/RecordCheck.cs"] = "classes and sizes in a record of images",
        ["Results/Evaluation.cs"] = "what the loss is for images",
        ["Results/MeasuredStudy.cs"] = "what other data is",
        // Of a container.
        ["Protocol/Cluster.cs"] = "the key 'image' of a cluster file",
        ["Protocol/ClusterReader.cs"] = "the key 'image' of a cluster file",
        // Words of reports that were printed, and of what others published.
        ["Reports/Wording/Findings.cs"] = "the declared part of a dataset of images",
        ["Reports/Wording/Measurement.cs"] = "classes and sizes of a record of images",
        ["Reports/ScanReport.cs"] = "the size that a scan of images was tried at",
        ["Reports/Sections/PublishedSection.cs"] = "published rows stand beside studies of images only",
        ["Reports/Charts/PublishedChart.cs"] = "published rows are of images of 224 pixels",
        ["Reports/Exports/DawnBenchEntry.cs"] = "a format of others that knows two metrics of images",
        ["Published/RawRow.cs"] = "what others published",
        ["Published/PublishedLedger.cs"] = "the names of what others published",
        // Drawings are images too.
        ["Reports/Figures/Figure.cs"] = "a drawing",
        ["Reports/Figures/OutlinedSvg.cs"] = "a drawing",
        ["Reports/Charts/LabelPlacement.cs"] = "pixels of a drawing",
        ["Reports/Wording/Shown.cs"] = "top-1 as an example",
    };

    public static TheoryData<string> Folders =>
        [
            "src/TrainHarness",
            .. ((string[])["Clocks", "Energy", "Pricing", "Checkpoints", "Optimizers", "Engine", "Workloads"]).Select(folder =>
                $"src/TrainHarness.Training/{folder}"
            ),
        ];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Nothing_outside_a_workloads_own_folder_names_what_it_is_of(string folder)
    {
        var root = Path.Combine(Repository.Folder, folder);
        var files = Directory
            .GetFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !IsBuilt(file) && !IsOfImages(file, root))
            .ToList();
        Assert.NotEmpty(files);
        var found = files
            .SelectMany(file =>
                File.ReadLines(file).Index().Where(line => Word().IsMatch(line.Item)).Select(line => (file, line.Index, line.Item))
            )
            .Select(place => $"{Path.GetRelativePath(Repository.Folder, place.file)}:{place.Index + 1}: {place.Item.Trim()}");
        Assert.Empty(found);
    }

    [Fact]
    public void Every_exception_is_still_one()
    {
        var root = Path.Combine(Repository.Folder, "src/TrainHarness");
        Assert.All(Argued.Keys, name => Assert.Contains(File.ReadLines(Path.Combine(root, name)), line => Word().IsMatch(line)));
    }

    private static bool IsBuilt(string file) =>
        file.Contains("/obj/", StringComparison.Ordinal) || file.Contains("/bin/", StringComparison.Ordinal);

    private static bool IsOfImages(string file, string root)
    {
        var name = Path.GetRelativePath(root, file).Replace('\\', '/');
        return root.EndsWith("src/TrainHarness", StringComparison.Ordinal)
            ? Argued.ContainsKey(name)
            : name.StartsWith("ImageClassification/", StringComparison.Ordinal);
    }

    // A file that describes an executable is an image too; that is what Native says, which is not looked at. PixelShuffle is TorchSharp's
    // name of a layer.
    [GeneratedRegex(@"[Ii]mage|[Pp]ixel(?!(S|Uns)huffle)|[Tt]op-?[15]\b|\b[Cc]lasses\b")]
    private static partial Regex Word();
}
