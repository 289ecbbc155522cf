using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Tests.Protocol;

public sealed class StudyReaderTests : IDisposable
{
    private const string Recipe = """
        epochs: 6
        batchSize: 32
        optimizer: { kind: sgd, momentum: 0.9, nesterov: true, weightDecay: 1.0e-4 }
        plain: { learningRate: 0.01, initialisation: he }
        batchNormalised: { learningRate: 0.1, initialisation: torchvision }
        schedule: { kind: step, decay: 0.1, parts: 3 }
        warmUpEpochs: 0
        labelSmoothing: 0
        augmentation: { cropScale: [0.25, 1], cropRatio: [0.75, 1.3333], flip: 0.5 }
        precision: fp32
        """;

    private const string Dataset = """
        kind: image-tar
        path: ../images.tar
        mean: [0.485, 0.456, 0.406]
        standardDeviation: [0.229, 0.224, 0.225]
        """;

    private const string Study = """
        name: trial-study
        dataset: pictures
        subset: { classes: all, trainFraction: 0.5 }
        imageSize: 64
        target: { metric: top1, from: baseline }
        baseline: alexnet.sgd-step6
        entries: [ resnet18.sgd-step6, alexnet.sgd-step6.lr-0.05 ]
        seeds: [1, 2, 3]
        stop: at-target
        evaluateEveryExamples: 2000
        checkpointEveryMinutes: 5
        threads: 2
        """;

    private static readonly ArchitectureLimits[] Networks =
    [
        new("alexnet", 63, 1, MinimumSizeWithHeads: null, HasDropPath: false),
        new("resnet18", 33, 1, MinimumSizeWithHeads: null, HasDropPath: false),
        new("vit_b_16", 16, 16, MinimumSizeWithHeads: null, HasDropPath: true),
    ];

    private static readonly StudyVocabulary Images = new(
        "image-classification",
        settings => Metrics(ClassesOf(((ImageSettings)settings).Subset)),
        [.. Networks.Select(network => network.Name)]
    )
    {
        Settings = ImageSettings.Fields,
        RecipeFields = TrainHarness.Protocol.Recipe.ImageFields,
        Refusal = (name, settings, recipe, variant) =>
            Networks
                .Single(network => network.Name == name)
                .Refusal(
                    ((ImageSettings)settings).ImageSize,
                    recipe.AuxiliaryLossWeight is not null,
                    recipe.DropPath is not null,
                    variant?.Width is not null
                ),
    };

    private static readonly StudyVocabulary Bits = new("bits", _ => [Samples.Loss], ["two-layers"])
    {
        Settings = BitSettings.Fields,
        RecipeFields = [TrainHarness.Protocol.Recipe.OwnField("noise", Kind.Number(0, 1), "Part of the bits that are flipped.")],
        Refusal = (_, settings, _, _) => settings is BitSettings { Bits: > 32 } ? "two-layers cannot take more than 32 bits." : null,
    };

    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public StudyReaderTests()
    {
        Write("recipes/sgd-step6.yaml", Recipe);
        Write("datasets/pictures.yaml", Dataset);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_study_is_read_whole()
    {
        var study = Read(Study);
        Assert.Equal("trial-study", study.Name);
        Assert.Equal(Path.Combine(folder, "images.tar"), ImageSettings.Of(study).Dataset.Path);
        Assert.Equal(0.5, ImageSettings.Of(study).Subset.TrainFraction);
        Assert.Equal(74, ImageSettings.Of(study).PackSize);
        Assert.Equal("alexnet.sgd-step6", study.Baseline.Name);
        Assert.Equal(0.05, study.Entries[1].StartFor(hasBatchNormalisation: false).LearningRate);
        Assert.True(Assert.IsType<SgdRule>(study.Baseline.Recipe.Optimizer).Nesterov);
        Assert.Equal(
            [
                "alexnet.sgd-step6/seed-1",
                "alexnet.sgd-step6/seed-2",
                "alexnet.sgd-step6/seed-3",
                "resnet18.sgd-step6/seed-1",
                "alexnet.sgd-step6.lr-0.05/seed-1",
            ],
            study.Trials.Take(5).Select(trial => trial.Id)
        );
    }

    [Fact]
    public void The_resolved_study_is_complete_and_reads_back_the_same_without_any_other_file()
    {
        var study = Read(Study);
        var threshold = study with { Target = study.Target with { Threshold = 0.51234567890123 } };
        var alone = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "elsewhere", "deep")).FullName, "study.yaml");
        File.WriteAllText(alone, StudyWriter.ToYaml(threshold));
        var back = StudyReader.ReadResolved(alone);
        Assert.Equal(StudyWriter.ToYaml(threshold), StudyWriter.ToYaml(back));
        Assert.Equal(0.51234567890123, back.Target.Threshold);
        Assert.Equal(TrialFingerprint.Of(study, study.Entries[0]), TrialFingerprint.Of(back, back.Entries[0]));
    }

    [Fact]
    public void A_falling_metric_has_a_target_from_above_and_its_resolved_study_says_what_it_is()
    {
        var study = Read(Study.Replace("metric: top1, from: baseline", "metric: loss, atMost: 1.28", StringComparison.Ordinal));
        Assert.Equal(new Target(Samples.Loss, 1.28, FromBaseline: false), study.Target);
        var resolved = StudyWriter.ToYaml(study);
        Assert.Contains(
            "target:\n  metric:\n    name: loss\n    better: less\n    unit: number\n    min: 0\n    chance: 2.302585092994046\n  "
                + "atMost: 1.28\n",
            resolved,
            StringComparison.Ordinal
        );
        Assert.Contains("protocol: 2\n", resolved, StringComparison.Ordinal);
        // It can be run again as it stands.
        Assert.Equal(study.Target, Read(resolved).Target);
    }

    [Fact]
    public void Deterministic_is_read_and_written_only_where_it_is_asked_for_and_is_part_of_what_is_measured()
    {
        var (free, bound) = (Read(Study), Read(Study + "\ndeterministic: true\n"));
        Assert.Equal((false, true), (free.Deterministic, bound.Deterministic));
        Assert.DoesNotContain("deterministic", StudyWriter.ToYaml(free), StringComparison.Ordinal);
        Assert.Contains("deterministic: true", StudyWriter.ToYaml(bound), StringComparison.Ordinal);
        Assert.NotEqual(TrialFingerprint.Of(free, free.Baseline), TrialFingerprint.Of(bound, bound.Baseline));
    }

    [Theory]
    [InlineData("threads: 2", "threds: 2", "12:1: unknown key 'threds' in study.yaml; did you mean threads? allowed: threads, ")]
    [InlineData("threads: 2", "threads: two", "12:10: 'threads' is 'two'; allowed: a whole number from 1 to 1024.")]
    [InlineData("threads: 2", "threads: 2\nthreads: 2", "13:1")]
    [InlineData("threads: 2", "", "lacks the key 'threads'")]
    [InlineData(
        "imageSize: 64",
        "imageSize: 62",
        "6:11: 'alexnet.sgd-step6': alexnet cannot take examples of size 62; allowed: 63 or more."
    )]
    [InlineData(
        "alexnet.sgd-step6\nentries",
        "lexnet.sgd-step6\nentries",
        "6:11: unknown architecture 'lexnet'; did you mean alexnet? allowed: alexnet, resnet18, vit_b_16."
    )]
    [InlineData(
        "imageSize: 64\ntarget: { metric: top1, from: baseline }\nbaseline: alexnet",
        "imageSize: 72\ntarget: { metric: top1, from: baseline }\nbaseline: vit_b_16",
        "vit_b_16 cannot take examples of size 72; allowed: multiples of 16."
    )]
    [InlineData(
        "resnet18.sgd-step6,",
        "resnet18.sgd-step7,",
        "7:12: unknown recipe 'sgd-step7'; did you mean sgd-step6? allowed: sgd-step6."
    )]
    [InlineData(
        "resnet18.sgd-step6,",
        "resnet18.sgd-step6.data-2,",
        "7:12: unknown variant 'data-2'; allowed: lr-NUMBER, data-PART below 1, size-"
    )]
    [InlineData("resnet18.sgd-step6,", "resnet18.sgd-step6.size-64.data-0.5,", "7:12: unknown variant 'size-64.data-0.5'")]
    [InlineData("resnet18.sgd-step6,", "resnet18.sgd-step6.data-.,", "7:12: unknown variant 'data-.'")]
    [InlineData(
        "resnet18.sgd-step6,",
        "resnet18.sgd-step6.size-640,",
        "7:12: 'resnet18.sgd-step6.size-640': images of 640 px are no smaller than the study's 64 px."
    )]
    [InlineData(
        "resnet18.sgd-step6,",
        "resnet18.sgd-step6.size-32,",
        "7:12: 'resnet18.sgd-step6.size-32': resnet18 cannot take examples of size 32; allowed: 33 or more."
    )]
    [InlineData(
        "resnet18.sgd-step6,",
        "resnet18.sgd-step6.width-0.5,",
        "7:12: 'resnet18.sgd-step6.width-0.5': resnet18 has no width multiplier; allowed: an entry without 'width-'."
    )]
    [InlineData("resnet18.sgd-step6,", "alexnet.sgd-step6,", "duplicate entry")]
    [InlineData("dataset: pictures", "dataset: picture", "2:10: unknown dataset 'picture'; did you mean pictures? allowed: pictures.")]
    [InlineData("metric: top1", "metric: top3", "5:19: unknown metric 'top3'; did you mean top1 or top5? allowed: top1, top5, loss.")]
    [InlineData(
        "from: baseline",
        "from: baseline, threshold: 0.2",
        "unknown key 'threshold' in 'target'; allowed: metric, from, atLeast, atMost."
    )]
    [InlineData("from: baseline", "atLeast: 79.1", "5:34: 79.1 is no level of top1; allowed: a number from 0 to 1.")]
    [InlineData("from: baseline", "atLeast: .nan", "'atLeast' is '.nan'")]
    [InlineData("from: baseline", "from: baseline, atLeast: 0.5", "either 'from: baseline' or 'atLeast: NUMBER'")]
    [InlineData("from: baseline", "atMost: 0.5", "5:33: 'atMost' is no target of top1, of which more is better; allowed: atLeast.")]
    [InlineData("from: baseline", "atLeast: 1.5", "5:34: 1.5 is no level of top1; allowed: a number from 0 to 1.")]
    [InlineData("from: baseline", "atLeast: -0.5", "5:34: -0.5 is no level of top1; allowed: a number from 0 to 1.")]
    [InlineData(
        "from: baseline",
        "atLeast: 0.1",
        "5:34: 0.1 is no better than chance: blind guessing has a top1 of 0.1; allowed: more than that."
    )]
    [InlineData(
        "metric: top1, from: baseline",
        "metric: loss, atLeast: 3.28",
        "5:34: 'atLeast' is no target of loss, of which less is better; allowed: atMost."
    )]
    [InlineData(
        "metric: top1, from: baseline",
        "metric: loss, atMost: -1",
        "5:33: -1 is no level of loss; allowed: a number of at least 0."
    )]
    [InlineData(
        "metric: top1, from: baseline",
        "metric: loss, atMost: 2.5",
        "5:33: 2.5 is no better than chance: blind guessing has a loss of 2.3026; allowed: less than that."
    )]
    [InlineData(
        "metric: top1, from: baseline",
        "metric: loss, from: baseline, atMost: 1",
        "5:9: a target needs either 'from: baseline' or 'atMost: NUMBER'."
    )]
    [InlineData("metric: top1, from: baseline", "metric: loss", "5:9: a target needs either 'from: baseline' or 'atMost: NUMBER'.")]
    [InlineData(
        "metric: top1,",
        "metric: { name: top1, better: less, unit: percent },",
        "5:19: this is another top1 than this program measures, and the two do not compare; allowed: metric: top1."
    )]
    [InlineData(
        "metric: top1,",
        "metric: { name: top1, better: more, unit: percent, min: 1, max: 0 },",
        "5:19: the bounds of top1 are no two rising numbers."
    )]
    [InlineData("threads: 2", "threads: 2\nprotocol: 1", "13:11: 'protocol' is 1; this program measures by protocol 2 and reports 1 to 2.")]
    [InlineData("stop: at-target", "stop: at-once", "9:7: 'stop' is 'at-once'; allowed: at-target, at-schedule-end.")]
    [InlineData("name: trial-study", "name: ../etc", "1:7: the name '../etc' cannot name a results folder")]
    [InlineData("trainFraction: 0.5", "trainFraction: 0", "3:40: 'trainFraction' is '0'")]
    [InlineData("seeds: [1, 2, 3]", "seeds: [1, 1]", "8:8: duplicate value in the list")]
    [InlineData("seeds: [1, 2, 3]", "seeds: []", "8:8: 'seeds' is empty")]
    [InlineData(
        "name: trial-study",
        "name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "cannot name a results folder; allowed: up to 200 letters"
    )]
    [InlineData(
        "threads: 2",
        "threads: 2\nscan: { learningRates: [0.01, 0.02], further: { alexnet.sgd-step7: [1] } }",
        "'alexnet.sgd-step7' is not scanned; did you mean alexnet.sgd-step6?"
    )]
    [InlineData(
        "threads: 2",
        "threads: 2\nscan: { learningRates: [0.01, 0.02], instead: { alexnet.sgd-step7: [1] } }",
        "'alexnet.sgd-step7' is not scanned; did you mean alexnet.sgd-step6?"
    )]
    [InlineData(
        "threads: 2",
        "threads: 2\nscan: { learningRates: [0.02, 0.01] }",
        "13:24: no grid of learning rates; allowed: at least two, rising."
    )]
    [InlineData(
        "threads: 2",
        "threads: 2\nscan: { learningRates: [0.01, 0.02], instead: { alexnet.sgd-step6: [] } }",
        "no grid of learning rates; allowed: at least two, rising."
    )]
    [InlineData(
        "threads: 2",
        "threads: 2\nscan: { learningRates: [0.01, 0.02], further: { alexnet.sgd-step6: [] } }",
        "no learning rate; allowed: at least one."
    )]
    [InlineData("seeds: [1, 2, 3]", "seeds: [1, 2", "8:")]
    public void Bad_input_gives_one_line_that_says_where_and_what_is_allowed(string from, string to, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(Study.Replace(from, to, StringComparison.Ordinal)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(Path.Combine(folder, "studies", "study.yaml") + ":", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    // Two of four classes are half of all guesses right; five answers among four classes are never wrong.
    [Theory]
    [InlineData(
        "classes: [a, b, c, d]",
        "top1",
        "atLeast: 0.25",
        "5:34: 0.25 is no better than chance: blind guessing has a top1 of 0.25; allowed: more than that."
    )]
    [InlineData("classes: [a, b, c, d]", "top1", "atLeast: 0", "5:34: 0 is no better than chance: blind guessing has a top1 of 0.25")]
    [InlineData("firstClasses: 3", "top1", "atLeast: 0.3", "5:34: 0.3 is no better than chance: blind guessing has a top1 of 0.3333")]
    [InlineData(
        "classes: [a, b, c, d]",
        "top5",
        "from: baseline",
        "5:19: top5 means nothing here: blind guessing has 1, the best there is; allowed: a metric that it does not reach."
    )]
    [InlineData("firstClasses: 5", "top5", "atLeast: 1", "5:34: top5 means nothing here")]
    [InlineData("firstClasses: 10", "top5", "atLeast: 0.5", "5:34: 0.5 is no better than chance: blind guessing has a top5 of 0.5")]
    [InlineData("classes: [a]", "top1", "from: baseline", "5:19: top1 means nothing here: blind guessing has 1, the best there is")]
    public void A_target_that_guessing_reaches_is_refused_with_its_place(string subset, string metric, string target, string expected)
    {
        var text = Study
            .Replace("classes: all", subset, StringComparison.Ordinal)
            .Replace("metric: top1, from: baseline", $"metric: {metric}, {target}", StringComparison.Ordinal);
        var error = Assert.Throws<ConfigurationException>(() => Read(text));
        Assert.StartsWith(Path.Combine(folder, "studies", "study.yaml") + ":" + expected, error.Message, StringComparison.Ordinal);
        // What is measured already is still read.
        Assert.Equal(metric, StudyReader.ReadResolved(Path.Combine(folder, "studies", "study.yaml")).Target.Metric.Name);
    }

    [Theory]
    [InlineData("classes: [a, b, c, d]", "top1", "atLeast: 0.26")]
    [InlineData("firstClasses: 6", "top5", "from: baseline")]
    [InlineData("classes: all", "top5", "from: baseline")]
    public void A_target_that_may_mean_something_is_read(string subset, string metric, string target) =>
        Assert.Equal(
            metric,
            Read(
                Study
                    .Replace("classes: all", subset, StringComparison.Ordinal)
                    .Replace("metric: top1, from: baseline", $"metric: {metric}, {target}", StringComparison.Ordinal)
            ).Target.Metric.Name
        );

    [Fact]
    public void A_target_is_judged_by_the_classes_of_the_data_where_no_file_says_how_many()
    {
        var study = Read(Study.Replace("from: baseline", "atLeast: 0.2", StringComparison.Ordinal));
        study.RequireMeaning(Metrics(6));
        var error = Assert.Throws<ConfigurationException>(() => study.RequireMeaning(Metrics(5)));
        Assert.Contains("study.yaml:5:34: 0.2 is no better than chance", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_trials_than_a_hundred_thousand_are_refused()
    {
        var seeds = $"seeds: [{string.Join(", ", Enumerable.Range(1, 50_001))}]";
        var error = Assert.Throws<ConfigurationException>(() => Read(Study.Replace("seeds: [1, 2, 3]", seeds, StringComparison.Ordinal)));
        Assert.Contains("entries with 50001 seeds each are too many; allowed: 100000 trials.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_multiplies_itself_is_refused_at_its_first_reference()
    {
        var lines = new List<string> { "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]" };
        for (var level = 1; level < 30; level++)
            lines.Add($"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]");
        var error = Assert.Throws<ConfigurationException>(() => Read(string.Join('\n', lines) + "\n? *a29\n: 1\n"));
        Assert.EndsWith(
            "study.yaml:2:10: this refers to another place in the file; allowed: the values themselves.",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Text_nested_so_deep_that_it_would_end_the_process_is_refused()
    {
        var error = Assert.Throws<ConfigurationException>(() => Read("name: " + new string('[', 100_000)));
        Assert.EndsWith("study.yaml:1:36: this is nested too deep; allowed: 32 levels.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_too_large_to_be_a_study_is_not_read()
    {
        var error = Assert.Throws<ConfigurationException>(() => Read("# " + new string('x', 5_000_000)));
        Assert.EndsWith("study.yaml: 5000002 bytes; allowed: at most 4194304.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("momentum: 0.9", "momentum: -1", "3:")]
    [InlineData("kind: step, decay: 0.1, parts: 3", "kind: cosine, parts: 3", "unknown key 'parts'")]
    [InlineData("cropScale: [0.25, 1]", "cropScale: [1, 0.25]", "the range is reversed")]
    [InlineData("precision: fp32", "precision: fp8", "10:12: 'precision' is 'fp8'; allowed: fp32, tf32, bf16.")]
    [InlineData("warmUpEpochs: 0", "", "lacks the key 'warmUpEpochs'")]
    public void A_recipe_is_complete_or_refused(string from, string to, string expected)
    {
        Write("recipes/sgd-step6.yaml", Recipe.Replace(from, to, StringComparison.Ordinal));
        var error = Assert.Throws<ConfigurationException>(() => Read(Study));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("sgd-step6.yaml:", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dropPath: 0.1", "6:11: 'alexnet.sgd-step6': alexnet has no branches to drop; allowed: a recipe without 'dropPath'.")]
    [InlineData(
        "auxiliaryLossWeight: 0.3",
        "6:11: 'alexnet.sgd-step6': alexnet has no auxiliary heads; allowed: a recipe without 'auxiliaryLossWeight'."
    )]
    public void A_recipe_that_asks_for_parts_which_an_architecture_has_not_is_refused(string part, string expected)
    {
        Write("recipes/sgd-step6.yaml", $"{Recipe}\n{part}\n");
        var error = Assert.Throws<ConfigurationException>(() => Read(Study));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("study.yaml:", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_architecture_takes_the_parts_that_it_has()
    {
        Write("recipes/sgd-step6.yaml", $"{Recipe}\ndropPath: 0.1\n");
        var study = Read(
            Study.Replace("alexnet", "vit_b_16", StringComparison.Ordinal).Replace("resnet18.sgd-step6,", "", StringComparison.Ordinal)
        );
        Assert.Equal(0.1, study.Baseline.Recipe.DropPath);
    }

    [Fact]
    public void What_decides_a_measurement_changes_its_fingerprint_and_nothing_else_does()
    {
        var study = Read(Study);
        var print = TrialFingerprint.Of(study, study.Baseline);
        Assert.Equal(
            print,
            TrialFingerprint.Of(study with { Seeds = [9], Entries = [], CheckpointEveryMinutes = 60, Name = "other" }, study.Baseline)
        );
        Assert.Equal(print, TrialFingerprint.Of(study with { Target = study.Target with { Threshold = 0.5 } }, study.Baseline));
        // What a dataset file expects to be there is a condition, and no part of what is measured: records of before it are still of this
        // study.
        var settings = ImageSettings.Of(study);
        var expecting = settings with { Dataset = settings.Dataset with { Expected = new ExpectedCounts(6, 4, 2) } };
        Assert.Equal(print, TrialFingerprint.Of(study with { Settings = expecting }, study.Baseline));
        Assert.NotEqual(print, TrialFingerprint.Of(study with { Threads = 4 }, study.Baseline));
        Assert.NotEqual(
            print,
            TrialFingerprint.Of(study with { Settings = ImageSettings.Of(study) with { ImageSize = 65 } }, study.Baseline)
        );
        Assert.NotEqual(
            print,
            TrialFingerprint.Of(study, study.Baseline with { Recipe = study.Baseline.Recipe with { LabelSmoothing = 0.1 } })
        );
        Assert.NotEqual(
            print,
            TrialFingerprint.Of(study, study.Baseline with { Recipe = study.Baseline.Recipe with { GradientClip = 1 } })
        );
    }

    private const string BitRecipe = """
        epochs: 6
        batchSize: 32
        optimizer: { kind: sgd, momentum: 0.9, nesterov: true, weightDecay: 1.0e-4 }
        plain: { learningRate: 0.01, initialisation: he }
        batchNormalised: { learningRate: 0.1, initialisation: torchvision }
        schedule: { kind: cosine }
        warmUpEpochs: 0
        precision: fp32
        noise: 0.25
        """;

    private const string BitStudy = """
        name: bit-study
        workload: bits
        bits: 8
        target: { metric: loss, atMost: 0.1 }
        baseline: two-layers.small
        entries: []
        seeds: [1]
        stop: at-target
        evaluateEveryExamples: 2000
        checkpointEveryMinutes: 5
        threads: 2
        """;

    [Fact]
    public void A_study_of_another_workload_has_that_workloads_keys_and_none_of_images()
    {
        Write("recipes/small.yaml", BitRecipe);
        var study = Read(BitStudy);
        Assert.Equal(("bits", 8), (study.Workload, Assert.IsType<BitSettings>(study.Settings).Bits));
        Assert.Equal("0.25", study.Baseline.Recipe.Own!["noise"]);
        Assert.Null(study.Baseline.Recipe.Augmentation);
    }

    [Fact]
    public void The_resolved_study_of_a_workload_that_nobody_knows_reads_back_as_it_was_written()
    {
        Write("recipes/small.yaml", BitRecipe);
        var study = Read(BitStudy);
        var alone = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "alone")).FullName, "study.yaml");
        File.WriteAllText(alone, StudyWriter.ToYaml(study));
        var back = StudyReader.ReadResolved(alone);
        Assert.IsType<WrittenSettings>(back.Settings);
        Assert.Equal(StudyWriter.ToYaml(study), StudyWriter.ToYaml(back));
        Assert.Equal(TrialFingerprint.Of(study, study.Baseline), TrialFingerprint.Of(back, back.Baseline));
        Assert.NotEqual(
            TrialFingerprint.Of(study, study.Baseline),
            TrialFingerprint.Of(study with { Settings = new BitSettings(9) }, study.Baseline)
        );
    }

    [Theory]
    [InlineData("workload: bits", "workload: bytes", "2:11: unknown workload 'bytes'; allowed: image-classification, bits.")]
    [InlineData("bits: 8", "bits: 1", "3:7: 'bits' is '1'; allowed: a whole number from 2 to 64.")]
    [InlineData("bits: 8", "bits: 8\nimageSize: 64", "4:1: unknown key 'imageSize'")]
    [InlineData("bits: 8", "bits: 33", "5:11: 'two-layers.small': two-layers cannot take more than 32 bits.")]
    [InlineData("metric: loss", "metric: top1", "4:19: unknown metric 'top1'; allowed: loss.")]
    [InlineData("baseline: two-layers", "baseline: alexnet", "5:11: unknown architecture 'alexnet'; allowed: two-layers.")]
    public void What_a_workload_does_not_know_is_refused_where_it_stands(string from, string to, string expected)
    {
        Write("recipes/small.yaml", BitRecipe);
        var error = Assert.Throws<ConfigurationException>(() => Read(BitStudy.Replace(from, to, StringComparison.Ordinal)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_of_images_is_none_of_another_workload()
    {
        Write("recipes/small.yaml", Recipe);
        var error = Assert.Throws<ConfigurationException>(() => Read(BitStudy));
        Assert.Contains("small.yaml:8:1: unknown key 'labelSmoothing'", error.Message, StringComparison.Ordinal);
    }

    private sealed record BitSettings(int Bits) : IWorkloadSettings
    {
        public static Fields<BitSettings> Fields { get; } =
            new(
                new BitSettings(2),
                Field.Required(
                    "bits",
                    Kind.Whole(2, 64),
                    "Bits of a row.",
                    (BitSettings settings) => settings.Bits,
                    (settings, value) => settings with { Bits = value }
                ),
                Field.Optional(
                    "rows",
                    Kind.Numbers(2, 0, 1),
                    "Parts of rows.",
                    (BitSettings settings) => settings.Rows,
                    (settings, value) => settings with { Rows = value }
                )
            );

        public IReadOnlyList<double> Rows { get; init; } = [0.5, 1e-7];

        public IReadOnlyDictionary<string, object?> Lines => Fields.Lines(this);
    }

    // Blind guessing among so many classes.
    private static IReadOnlyList<Metric> Metrics(int classes) =>
        [Samples.Top1 with { Chance = 1.0 / classes }, Samples.Top5 with { Chance = Math.Min(5, classes) / (double)classes }, Samples.Loss];

    private static int ClassesOf(Subset subset) => subset.Classes?.Count ?? subset.FirstClasses ?? 10;

    private Study Read(string text)
    {
        Write("studies/study.yaml", text);
        return StudyReader.Read(Path.Combine(folder, "studies", "study.yaml"), [Images, Bits]);
    }

    private void Write(string name, string text)
    {
        var file = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
