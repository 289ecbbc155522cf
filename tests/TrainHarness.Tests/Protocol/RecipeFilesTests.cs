using NJsonSchema;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Tests.Protocol;

/// <summary>What comes with the program under configs/recipes.</summary>
public sealed class RecipeFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public static TheoryData<string> Names =>
        [
            .. Directory
                .EnumerateFiles(Recipes, "*.yaml")
                .Select(file => Path.GetFileNameWithoutExtension(file))
                .Order(StringComparer.Ordinal),
        ];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_recipe_reads_back_from_the_resolved_study_as_it_was_written(string name)
    {
        var study = StudyOf(name);
        var file = Path.Combine(folder, "study.yaml");
        File.WriteAllText(file, StudyWriter.ToYaml(study));
        var back = StudyReader.ReadResolved(file);
        Assert.Equal(StudyWriter.ToYaml(study), StudyWriter.ToYaml(back));
        // The writer could forget a key that the reader then takes for off; JSON knows every field.
        Assert.Equal(ResultsJson.Write(study.Baseline.Recipe), ResultsJson.Write(back.Baseline.Recipe));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_record_of_a_recipe_follows_the_shipped_schema_and_reads_back(string name)
    {
        var study = StudyOf(name);
        var record = ResultsJson.Write(
            Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2).Record with
            {
                EvaluationsSha256 = new string('0', 64),
            }
        );
        using var stream = typeof(TrialRecord).Assembly.GetManifestResourceStream("TrainHarness.Results.record.schema.json")!;
        var schema = await JsonSchema.FromJsonAsync(stream, TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(record));
        var back = System.Text.Json.JsonSerializer.Deserialize<TrialRecord>(record, ResultsJson.Options)!;
        Assert.Equal(record, ResultsJson.Write(back));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_recipe_says_where_it_comes_from(string name) =>
        Assert.StartsWith("# ", File.ReadLines(Path.Combine(Recipes, name + ".yaml")).ElementAt(1), StringComparison.Ordinal);

    [Theory]
    [InlineData("sgd-step12")]
    [InlineData("sgd-smooth12")]
    [InlineData("sgd-step3")]
    [InlineData("sgd-smooth3")]
    public void What_is_off_leaves_no_key_behind(string name)
    {
        var text = StudyWriter.ToYaml(StudyOf(name));
        string[] optional =
        [
            "exemptOneDimensional",
            "memoryFormat",
            "gradientClip",
            "averageDecay",
            "dropPath",
            "batchNormalisationMomentum",
            "auxiliaryLossWeight",
            "randAugment",
            "lighting",
            "randomErasing",
            "mixing",
        ];
        Assert.DoesNotContain(optional, key => text.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public void The_smoothed_schedule_ends_at_a_thousandth_and_the_stepped_one_at_a_hundredth_of_the_rate()
    {
        var (step, smooth) = (Read("sgd-step90"), Read("sgd-smooth90"));
        Assert.Equal(0.001, step.LearningRateAt(step.BatchNormalised, 89.9 / 90), 9);
        Assert.Equal(0.0001, smooth.LearningRateAt(smooth.BatchNormalised, 1), 9);
        Assert.Equal((0.01, 0.1), (step.Plain.LearningRate, step.BatchNormalised.LearningRate));
        Assert.Equal(step.Optimizer, smooth.Optimizer);
    }

    [Fact]
    public void A_memory_format_is_written_where_it_is_not_the_usual_one_and_is_part_of_the_fingerprint()
    {
        var study = StudyOf("sgd-step12");
        var entry = study.Baseline with { Recipe = study.Baseline.Recipe with { MemoryFormat = MemoryFormat.ChannelsLast } };
        Assert.Contains("memoryFormat: channels-last", StudyWriter.ToYaml(study with { Baseline = entry }), StringComparison.Ordinal);
        Assert.NotEqual(TrialFingerprint.Of(study, study.Baseline), TrialFingerprint.Of(study, entry));
    }

    [Theory]
    [InlineData(Precision.Fp32)]
    [InlineData(Precision.Tf32)]
    [InlineData(Precision.Bf16)]
    public void Every_precision_reads_back_from_the_resolved_study(Precision precision)
    {
        var study = StudyOf("sgd-step12");
        study = study with { Baseline = study.Baseline with { Recipe = study.Baseline.Recipe with { Precision = precision } } };
        var file = Path.Combine(folder, "study.yaml");
        File.WriteAllText(file, StudyWriter.ToYaml(study));
        Assert.Equal(precision, StudyReader.ReadResolved(file).Baseline.Recipe.Precision);
    }

    private static string Recipes { get; } = Path.Combine(ShippedConfigs.Folder, "recipes");

    private static Recipe Read(string name) => RecipeReader.Read(name, ConfigurationNode.Load(Path.Combine(Recipes, name + ".yaml")));

    private static Study StudyOf(string name) =>
        Samples.Study with
        {
            Baseline = new Entry($"alexnet.{name}", "alexnet", Read(name), null),
            Entries = [],
        };
}
