namespace TrainHarness.Tests.Layers;

/// <summary>Folders are layers: docs/architecture.md.</summary>
public sealed class LayerTests
{
    private static readonly string[] Images =
    [
        .. (
            (string[])
                [
                    "Data",
                    "Data.Decoding",
                    "Data.Trees",
                    "Data.Layouts",
                    "Data.Synthetic",
                    "Data.Sources",
                    "Data.Packs",
                    "Augmentations",
                    "Architectures",
                ]
        ).Select(folder => $"Workloads.ImageClassification.{folder}"),
        "Workloads.ImageClassification",
    ];

    private static readonly string[] SelfPlay =
    [
        .. ((string[])["Games", "Search", "Play"]).Select(folder => $"Workloads.SelfPlay.{folder}"),
        "Workloads.SelfPlay",
    ];
    private static readonly string[] LanguageModelling =
    [
        .. ((string[])["Data", "Architectures"]).Select(folder => $"Workloads.LanguageModelling.{folder}"),
        "Workloads.LanguageModelling",
    ];
    private static readonly string[] Translation =
    [
        .. ((string[])["Scoring", "Data", "Packs", "Architectures"]).Select(folder => $"Workloads.Translation.{folder}"),
        "Workloads.Translation",
    ];

    // From the ground up. A folder uses only folders before it in its own project.
    private static readonly (string Project, string[] Folders)[] Order =
    [
        (
            "TrainHarness",
            [
                "Files",
                "Compute",
                "Protocol",
                "Results",
                "Analysis",
                "Published",
                "Reports.Wording",
                "Reports.Charts",
                "Reports.Tables",
                "Reports.Sections",
                "Reports.Figures",
                "Reports.Notices",
                "Reports.Html",
                "Reports.Exports",
                "Reports",
            ]
        ),
        (
            "TrainHarness.Training",
            [
                "Native.Libtorch",
                "Native.Bindings",
                "Native.Kernels",
                "Native.Trace",
                "Native",
                "Devices",
                "Clocks",
                "Energy",
                "Pricing",
                "Sources",
                "Layers",
                "Checkpoints",
                "Optimizers",
                "Engine",
                "Language.Data",
                "Language.Subwords",
                "Language.Layers",
                "Workloads",
                .. Images,
                .. SelfPlay,
                .. LanguageModelling,
                .. Translation,
                "Kernels",
                "Running",
                "",
            ]
        ),
        ("TrainHarness.Cli", ["Terminal", "Execution", "Clusters", "Commands", ""]),
        ("TrainHarness.GpuCheck", ["Comparison", "Checks", ""]),
    ];

    // The checks of what a folder reads stand in a folder in it, and are one layer with it: the reader asks them, and they know what was
    // read.
    private const string Checks = ".Validation";

    private static readonly SourceMap Sources = SourceMap.Of(Path.Combine(Repository.Folder, "src"));

    public static TheoryData<string> Projects => [.. Order.Select(project => project.Project)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_folder_uses_only_the_folders_below_it(string project)
    {
        var folders = Order.Single(order => order.Project == project).Folders;
        var upward = Sources
            .References.Where(reference =>
                reference.Project == project && reference.UsedProject == project && Layer(reference.Folder) != Layer(reference.UsedFolder)
            )
            .Where(reference => Array.IndexOf(folders, Layer(reference.UsedFolder)) >= Array.IndexOf(folders, Layer(reference.Folder)))
            .Select(reference =>
                $"{reference.File} uses {reference.Used} of {reference.UsedFolder}, which is not below {reference.Folder}"
            );
        Assert.True(!upward.Any(), string.Join('\n', upward));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_folder_has_its_place_in_the_order(string project)
    {
        var folders = Order.Single(order => order.Project == project).Folders;
        Assert.Equal(folders.Order(), Sources.Folders(project).Select(Layer).Distinct().Order());
    }

    [Fact]
    public void Projects_use_only_projects_below_them()
    {
        string[] projects = [.. Order.Select(project => project.Project)];
        var upward = Sources
            .References.Where(reference => Array.IndexOf(projects, reference.UsedProject) > Array.IndexOf(projects, reference.Project))
            .Select(reference => $"{reference.File} uses {reference.Used} of {reference.UsedProject}");
        Assert.True(!upward.Any(), string.Join('\n', upward));
    }

    [Fact]
    public void A_reference_upward_is_named_with_its_file()
    {
        var map = SourceMap.OfTexts([
            (
                "TrainHarness/Ground/Low.cs",
                "using TrainHarness.Roof; namespace TrainHarness.Ground; class Low { High? high; Roof.Extra? extra; }"
            ),
            ("TrainHarness/Roof/High.cs", "namespace TrainHarness.Roof; class High; class Extra;"),
            (
                "TrainHarness/Roof/Inner/Deep.cs",
                "namespace TrainHarness.Roof.Inner; class Deep { High? high; /* Low */ string low = \"Low\"; }"
            ),
        ]);
        Assert.Equal(
            ["TrainHarness/Ground/Low.cs High", "TrainHarness/Ground/Low.cs Extra", "TrainHarness/Roof/Inner/Deep.cs High"],
            map.References.Select(reference => $"{reference.File} {reference.Used}")
        );
    }

    private static string Layer(string folder) => folder.EndsWith(Checks, StringComparison.Ordinal) ? folder[..^Checks.Length] : folder;
}
