using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Tests.Protocol;

/// <summary>The keys of a study that say where a factor came from: they ask a question of records, and decide no measurement.</summary>
public sealed class AttributionKeysTests : IDisposable
{
    private const string One = "changes: { network: architecture }";
    private const string Two = "changes: { network: architecture, schedule: recipe }";

    private static readonly AblationRule Rule = new(
        [new("network", AblationPart.Architecture), new("schedule", AblationPart.Recipe)],
        [new("alexnet.sgd-smooth6", ["schedule"]), new("resnet18.sgd-smooth6", ["network", "schedule"])]
    );

    private static readonly ScaleRule Scale = new(
        ["half", "quarter"],
        [new("old", ["alexnet.sgd-step6"]), new("new", ["resnet18.sgd-smooth6", "resnet34.sgd-smooth6"])]
    );

    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void An_ablation_and_a_scale_read_back_as_they_were_written()
    {
        var back = Read(StudyWriter.ToYaml(Samples.Study with { Ablation = Rule, Scale = Scale }));
        Assert.Equal(Rule.Changes, back.Ablation!.Changes);
        Assert.Equal(["schedule", "network, schedule"], back.Ablation.Steps.Select(step => string.Join(", ", step.Changes)));
        Assert.Equal("resnet18.sgd-smooth6", back.Ablation.Modern);
        Assert.Equal(["half", "quarter"], back.Scale!.Studies);
        Assert.Equal(("new", "other.sgd"), (back.Scale.FamilyOf("resnet34.sgd-smooth6"), back.Scale.FamilyOf("other.sgd")));
    }

    [Fact]
    public void Neither_changes_what_a_trial_measures() =>
        Assert.Equal(
            TrialFingerprint.Of(Samples.Study, Samples.Study.Entries[0]),
            TrialFingerprint.Of(Samples.Study with { Ablation = Rule, Scale = Scale }, Samples.Study.Entries[0])
        );

    [Theory]
    [InlineData(
        One,
        "entries: { resnet18.sgd-smooth7: [network] }",
        "'resnet18.sgd-smooth7' is no entry of this study; did you mean resnet18"
    )]
    [InlineData("changes: { network: body }", "entries: { resnet18.sgd-smooth6: [network] }", "allowed: architecture, recipe, data")]
    [InlineData(One, "entries: { resnet18.sgd-smooth6: [netwrk] }", "unknown change 'netwrk'; did you mean network?")]
    [InlineData(One, "entries: { resnet18.sgd-smooth6: [] }", "without changes it is the baseline")]
    [InlineData(One, "entries: { resnet18.sgd-smooth6: [network], alexnet.sgd-smooth6: [network] }", "have the same changes")]
    [InlineData(Two, "entries: { resnet18.sgd-smooth6: [network] }", "no entry has all changes (network, schedule)")]
    [InlineData(
        Two,
        "entries: { resnet18.sgd-smooth6: [network, schedule] }",
        "no way leads from the baseline to the entry with all changes"
    )]
    [InlineData("changes: {}", "entries: { resnet18.sgd-smooth6: [network] }", "allowed: 1 to 16")]
    public void A_wrong_ablation_is_refused_with_its_place_and_what_is_allowed(string changes, string entries, string message)
    {
        var error = Refused($"ablation:\n  {changes}\n  {entries}\n");
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Matches(@"study\.yaml:\d+:\d+: ", error.Message);
    }

    [Theory]
    [InlineData("studies: [half, half]", "duplicate study")]
    [InlineData("studies: [../elsewhere]", "cannot name a results folder")]
    [InlineData("studies: []\n  families: { a: [x.y], b: [x.y] }", "'x.y' stands in two families")]
    public void A_wrong_scale_is_refused(string keys, string message) =>
        Assert.Contains(message, Refused($"scale:\n  {keys}\n").Message, StringComparison.Ordinal);

    [Fact]
    public void The_committed_ablation_has_six_changes_three_seeds_and_the_network_at_every_place_of_one_order_of_the_others()
    {
        var study = Shipped("ablation-drawn");
        var rule = study.Ablation!;
        Assert.Equal(
            (6, 3, "alexnet.ablation-2012", "resnet18.ablation-adamw"),
            (rule.Changes.Count, study.Seeds.Count, study.Baseline.Name, rule.Modern)
        );
        var names = rule.Changes.Select(change => change.Name).ToList();
        List<int> measured = [.. rule.Steps.Select(step => Combination.Of(names, step.Changes)), 0];
        Assert.Equal(6, Combination.Orders(measured, names.Count, fromNone: true)[Combination.Whole(names.Count)]);
    }

    [Fact]
    public void The_committed_scale_is_four_parts_of_the_data_times_three_sizes_times_two_networks()
    {
        var study = Shipped("scale-drawn");
        Assert.Equal(StopRule.AtScheduleEnd, study.Stop);
        Assert.Equal(["alexnet.scale-drawn", "resnet18.scale-drawn"], study.AllEntries.Select(FamilyOf).Distinct());
        var seen = study.AllEntries.Select(entry => (FamilyOf(entry), Images: (ImageSettings)study.SettingsFor(entry))).ToList();
        Assert.Equal(24, seen.DistinctBy(entry => (entry.Item1, entry.Images.TrainPart, entry.Images.ImageSize)).Count());
        Assert.Equal([0.125, 0.25, 0.5, 1], seen.Select(entry => entry.Images.TrainPart).Distinct().Order());
        Assert.Equal([64, 80, 96], seen.Select(entry => entry.Images.ImageSize).Distinct().Order());
        Assert.All(seen, entry => Assert.Equal(96, entry.Images.CentreSize));

        string FamilyOf(Entry entry) => study.Scale!.FamilyOf(entry.Name);
    }

    private static Study Shipped(string name)
    {
        var images = new StudyVocabulary("image-classification", _ => [Samples.Top1, Samples.Top5, Samples.Loss], ["alexnet", "resnet18"])
        {
            Settings = ImageSettings.Fields,
            RecipeFields = Recipe.ImageFields,
        };
        return StudyReader.Read(Path.Combine(ShippedConfigs.Folder, "studies", $"{name}.yaml"), [images]);
    }

    private ConfigurationException Refused(string keys) =>
        Assert.Throws<ConfigurationException>(() => Read(StudyWriter.ToYaml(Samples.Study) + keys));

    private Study Read(string text)
    {
        var file = Path.Combine(folder, "study.yaml");
        File.WriteAllText(file, text);
        return StudyReader.ReadResolved(file);
    }
}
