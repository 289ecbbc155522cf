using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Tests.Protocol;

/// <summary>Code of the user's own in a study: named by a study file, known by its checksum everywhere else.</summary>
public sealed class OwnSourceTests : IDisposable
{
    private const string Study = """
        name: own
        dataset: synthetic-shapes
        imageSize: 64
        packSize: 64
        target: { metric: top1, atLeast: 0.5 }
        baseline: alexnet.sgd-step3
        entries: [ { architecture: ./MyNet.cs, recipe: sgd-smooth3 }, { architecture: ./MyNet.cs, recipe: sgd-smooth3, variant: lr-0.01 }, { architecture: alexnet, recipe: sgd-smooth3 } ]
        seeds: [1]
        stop: at-target
        evaluateEveryExamples: 150
        checkpointEveryMinutes: 5
        threads: 2
        """;

    private static readonly StudyVocabulary Vocabulary = new(StudyVocabulary.Unnamed, _ => [Samples.Top1], ["alexnet"])
    {
        TakesOwnArchitectures = true,
        Settings = ImageSettings.Fields,
        RecipeFields = Recipe.ImageFields,
    };

    private readonly string above = Directory.CreateTempSubdirectory("trainharness-own-").FullName;
    private readonly string folder;

    public OwnSourceTests()
    {
        folder = Path.Combine(above, "configs", "studies");
        foreach (
            var file in (string[])
                ["recipes/sgd-step3.yaml", "recipes/sgd-smooth3.yaml", "datasets/synthetic-shapes.yaml", "studies/quickstart.yaml"]
        )
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(above, "configs", file))!);
            File.Copy(Path.Combine(ShippedConfigs.Folder, file), Path.Combine(above, "configs", file));
        }

        File.WriteAllText(Path.Combine(folder, "MyNet.cs"), "class MyNet;");
    }

    public void Dispose() => Directory.Delete(above, recursive: true);

    [Fact]
    public void Entries_are_named_by_the_file()
    {
        var study = Read(Study);
        Assert.Equal(["MyNet.sgd-smooth3", "MyNet.sgd-smooth3.lr-0.01", "alexnet.sgd-smooth3"], study.Entries.Select(entry => entry.Name));
        var source = Assert.Single(study.Sources);
        // sha256sum of "class MyNet;"
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("class MyNet;"u8)), source.Sha256);
    }

    [Fact]
    public void A_fingerprint_changes_with_the_source_and_with_no_other_entrys()
    {
        var before = Read(Study);
        File.WriteAllText(Path.Combine(folder, "MyNet.cs"), "class MyNet { }");
        var after = Read(Study);
        Assert.NotEqual(TrialFingerprint.Of(before, before.Entries[0]), TrialFingerprint.Of(after, after.Entries[0]));
        Assert.Equal(TrialFingerprint.Of(before, before.Baseline), TrialFingerprint.Of(after, after.Baseline));
    }

    [Fact]
    public void A_resolved_study_holds_the_checksum_and_no_place()
    {
        var study = Read(Study);
        var written = StudyWriter.ToYaml(study);
        Assert.DoesNotContain("MyNet.cs", written, StringComparison.Ordinal);
        var file = Path.Combine(folder, "results.yaml");
        File.WriteAllText(file, written);
        var resolved = StudyReader.ReadResolved(file);
        Assert.Equal((study.Sources[0].Sha256, null), (resolved.Sources[0].Sha256, resolved.Sources[0].File));
        Assert.Equal(TrialFingerprint.Of(study, study.Entries[0]), TrialFingerprint.Of(resolved, resolved.Entries[0]));
        Assert.Contains(
            "only its checksum is known here",
            Assert.Throws<ConfigurationException>(() => resolved.Sources[0].Bytes()).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("./MyNet.cs, recipe", "./Nowhere.cs, recipe", "Nowhere.cs: no such file.")]
    [InlineData(
        "./MyNet.cs, recipe",
        "./MyNet.py, recipe",
        "'./MyNet.py' is no file of code; allowed: FILE.cs, FILE.cs#TYPE or FILE.dll#TYPE."
    )]
    [InlineData("./MyNet.cs, recipe", "./MyNet.cs#My-Net, recipe", "'My-Net' cannot name code of your own")]
    [InlineData("./MyNet.cs, recipe", "./MyNet.cs, recepie", "unknown key 'recepie'")]
    [InlineData(
        "[ { architecture: ./MyNet.cs, recipe: sgd-smooth3 },",
        "[ ./MyNet.cs.sgd-smooth3,",
        "'./MyNet.cs.sgd-smooth3' is no entry; code of your own is written { architecture: ./MyNet.cs"
    )]
    [InlineData("architecture: alexnet,", "architecture: alexnot,", "unknown architecture 'alexnot'")]
    public void What_is_wrong_is_said_with_its_place(string from, string to, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(Study.Replace(from, to, StringComparison.Ordinal)));
        Assert.Contains("own.yaml:7:", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_files_of_one_name_are_refused()
    {
        Directory.CreateDirectory(Path.Combine(folder, "other"));
        File.WriteAllText(Path.Combine(folder, "other", "MyNet.cs"), "class MyNet;");
        var error = Assert.Throws<ConfigurationException>(() =>
            Read(
                Study.Replace(
                    "./MyNet.cs, recipe: sgd-smooth3, variant",
                    "./other/MyNet.cs, recipe: sgd-smooth3, variant",
                    StringComparison.Ordinal
                )
            )
        );
        Assert.Contains("'MyNet' is the name of two architectures", error.Message, StringComparison.Ordinal);
    }

    // A file system may hold one name in another case.
    [Theory]
    [InlineData("study.yaml")]
    [InlineData("Study.yaml")]
    [InlineData("STUDY.YAML")]
    public void The_study_of_a_results_folder_names_no_code(string name)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, Study);
        foreach (var read in (Action[])[() => StudyReader.Read(file, [Vocabulary]), () => StudyReader.ReadResolved(file)])
            Assert.Contains(
                "a results folder names no code; allowed: the name of an architecture, or another name than study.yaml for a study file",
                Assert.Throws<ConfigurationException>(read).Message,
                StringComparison.Ordinal
            );
    }

    [Theory]
    [InlineData("./MyNet.cs, recipe: sgd-smooth3, variant", "./MYNET.cs, recipe: sgd-smooth3, variant", "'MYNET' is the name of two")]
    [InlineData("./MyNet.cs, recipe: sgd-smooth3 }", "./AlexNet.cs, recipe: sgd-smooth3 }", "'AlexNet' is an architecture of this program")]
    public void Names_that_differ_by_case_alone_would_share_a_folder_and_are_refused(string from, string to, string expected)
    {
        foreach (var name in (string[])["MYNET.cs", "AlexNet.cs"])
            File.WriteAllText(Path.Combine(folder, name), "class Other;");
        var error = Assert.Throws<ConfigurationException>(() => Read(Study.Replace(from, to, StringComparison.Ordinal)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resolved_study_under_another_name_is_read_and_its_code_is_not_at_hand()
    {
        var file = Path.Combine(folder, "copied.yaml");
        File.WriteAllText(file, StudyWriter.ToYaml(Read(Study)));
        var source = Assert.Single(StudyReader.Read(file, [Vocabulary]).Sources);
        Assert.Equal(
            $"'MyNet' is code of somebody's own, and only its checksum is known here ({source.Sha256[..12]}…); allowed: a study file that "
                + $"names its source.",
            Assert.Throws<ConfigurationException>(source.Bytes).Message
        );
    }

    [Fact]
    public void Another_workload_takes_none_unless_it_says_so()
    {
        var file = Path.Combine(folder, "own.yaml");
        File.WriteAllText(file, Study);
        var error = Assert.Throws<ConfigurationException>(() =>
            StudyReader.Read(file, [Vocabulary with { TakesOwnArchitectures = false }])
        );
        Assert.Contains("takes no code of your own", error.Message, StringComparison.Ordinal);
    }

    // By the sources: a place of code is read from a study file (a network, an optimizer) and from the command line, and nowhere else.
    [Fact]
    public void Code_is_named_in_three_places_of_the_program_alone()
    {
        var sources = Path.Combine(Path.GetDirectoryName(ShippedConfigs.Folder)!, "src");
        string[] Where(string text) =>
            [
                .. Directory
                    .EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
                    .Where(file =>
                        !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}")
                        && WithoutBlanks(File.ReadAllText(file)).Contains(WithoutBlanks(text), StringComparison.Ordinal)
                    )
                    .Select(file => Path.GetFileName(file))
                    .Order(StringComparer.Ordinal),
            ];
        string WithoutBlanks(string text) => string.Concat(text.Where(character => !char.IsWhiteSpace(character)));
        Assert.Equal(["FlopsCommand.cs", "OwnRule.cs", "SourceBook.cs"], Where("OwnSource.Read("));
        Assert.Equal(["OwnRule.cs", "OwnSource.cs", "SourceBook.cs"], Where("new OwnSource("));
        Assert.Equal(["OwnClass.cs"], Where("SourceCompiler.Load("));
        Assert.Equal(["SourceCompiler.cs"], Where("Assembly.Load"));
    }

    private Study Read(string text)
    {
        var file = Path.Combine(folder, "own.yaml");
        File.WriteAllText(file, text);
        return StudyReader.Read(file, [Vocabulary]);
    }
}
