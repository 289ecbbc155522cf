using CsCheck;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Tests.Protocol;

/// <summary>The resolved study of a results folder says all that the study did.</summary>
public sealed class StudyPropertyTests : IDisposable
{
    // Letters that mean something in YAML, and some that a writer could lose.
    private static readonly Gen<string> Words = Gen.Char["abcXYZ019._-~ :#'\"{}[],&*!|>%@`?\\\n\t/éß中\u0085\u2028\u00A0"]
        .Array[1, 12]
        .Select(letters => new string(letters));

    private static readonly Gen<string> Names = Gen.Select(Gen.Char["abcXYZ019_"], Gen.Char["abcXYZ019_-"].Array[0, 8], (first, others) =>
        first + new string(others)
    );

    private static readonly Gen<double> Share = Gen.Double[1e-4, 1];

    private static readonly Gen<double> Below = Gen.Double[0, 0.99];

    private static readonly Gen<IReadOnlyList<double>> Range = Gen.Select(Share, Share, (a, b) =>
        (IReadOnlyList<double>)[Math.Min(a, b), Math.Max(a, b)]
    );

    private static readonly Gen<OptimizerRule> Optimizers = Gen.Select(
        Gen.Int[0, 3],
        Gen.Double[1e-9, 0.99],
        Below,
        Gen.Bool,
        (kind, a, b, flag) =>
            kind switch
            {
                0 => (OptimizerRule)
                    new SgdRule
                    {
                        Momentum = a,
                        Nesterov = flag,
                        WeightDecay = b,
                        ExemptOneDimensional = !flag,
                    },
                1 => new RmsPropRule
                {
                    Decay = a,
                    Momentum = b,
                    Epsilon = a / 3,
                    WeightDecay = b / 3,
                    ExemptOneDimensional = flag,
                },
                2 => new MuonRule
                {
                    Momentum = a,
                    Nesterov = flag,
                    Iterations = 1 + (int)(99 * b),
                    OtherRate = a / 11,
                    Beta1 = b,
                    Beta2 = a,
                    Epsilon = a / 13,
                    WeightDecay = b / 5,
                    ExemptOneDimensional = !flag,
                },
                _ => new AdamWRule
                {
                    Beta1 = a,
                    Beta2 = b,
                    Epsilon = a / 7,
                    WeightDecay = b / 7,
                    ExemptOneDimensional = flag,
                },
            }
    );

    private static Gen<LearningRateSchedule> Schedules(int epochs) =>
        Gen.Select(Gen.Int[0, 4], Share, Gen.Int[1, 10_000], Gen.Bool, (kind, share, parts, flag) => kind switch
            {
                0 => (LearningRateSchedule)new SteppedSchedule(share, parts),
                1 => new SmoothedStepSchedule(share, parts),
                2 => new CosineSchedule { Floor = flag ? share : null },
                3 => new PolynomialSchedule(100 * share),
                _ => new ExponentialSchedule(share, parts * share, flag, epochs),
            });

    private static readonly Gen<AugmentationRule> Augmentations = Gen.Select(
        Range,
        Range,
        Gen.Double[0, 1],
        Gen.Bool.Array[5],
        Share,
        Gen.Int[1, 14],
        (scale, ratio, flip, on, share, operations) =>
            new AugmentationRule
            {
                CropScale = scale,
                CropRatio = [ratio[0] + 0.01, ratio[1] + 0.01],
                Flip = flip,
                RandAugment = on[0]
                    ? new RandAugmentRule
                    {
                        Operations = operations,
                        Magnitude = 30 * flip,
                        MagnitudeDeviation = on[4] ? share : 0,
                    }
                    : null,
                Lighting = on[1] ? share : null,
                RandomErasing = on[2]
                    ? new RandomErasingRule
                    {
                        Probability = share,
                        Area = scale,
                        Ratio = [0.3 * share + 0.01, 3 + share],
                        Fill = on[4] ? ErasingFill.Noise : ErasingFill.Zero,
                    }
                    : null,
                Mixing = on[3]
                    ? new MixingRule
                    {
                        Mixup = on[4] ? share : 0,
                        Cutmix = on[4] ? 0 : 100 * share,
                        Probability = share,
                    }
                    : null,
            }
    );

    private static readonly Gen<StartRule> Starts = Gen.Select(Gen.Double[1e-9, 1000], Gen.Bool, (rate, he) =>
        new StartRule { LearningRate = rate, Initialisation = he ? InitialWeights.He : InitialWeights.Torchvision }
    );

    private static readonly Gen<Recipe> Recipes = Gen.Int[1, 100_000]
        .SelectMany(epochs =>
            Gen.Select(
                Gen.Select(Names, Optimizers, Starts, Starts, Schedules(epochs), Augmentations),
                Gen.Select(Gen.Int[2, 1_000_000], Share, Below, Gen.Enum<Precision>(), Gen.Bool.Array[5]),
                (rules, numbers) =>
                {
                    var (name, optimizer, plain, normalised, schedule, augmentation) = rules;
                    var (batch, share, below, precision, on) = numbers;
                    return new Recipe
                    {
                        Name = name,
                        Epochs = epochs,
                        BatchSize = batch,
                        Optimizer = optimizer,
                        Plain = plain,
                        BatchNormalised = normalised,
                        Schedule = schedule,
                        WarmUpEpochs = epochs * below,
                        LabelSmoothing = below,
                        Augmentation = augmentation,
                        Precision = precision,
                        MemoryFormat = on[0] ? MemoryFormat.ChannelsLast : MemoryFormat.Contiguous,
                        GradientClip = on[1] ? share : null,
                        AverageDecay = on[2] ? below : null,
                        DropPath = on[3] ? below : null,
                        AuxiliaryLossWeight = on[4] ? 100 * share : null,
                        BatchNormalisationMomentum = on[4] ? share : null,
                    };
                }
            )
        );

    private static readonly Gen<Entry> Entries = Gen.Select(
        Names,
        Recipes,
        Gen.Nullable(Gen.Double[1e-12, 1000]),
        (architecture, recipe, rate) =>
        {
            var variant = rate is { } given ? new EntryVariant { LearningRate = given } : null;
            return new Entry(
                variant is null ? $"{architecture}.{recipe.Name}" : $"{architecture}.{recipe.Name}.{variant}",
                architecture,
                recipe,
                variant
            );
        }
    );

    private static readonly Gen<DatasetDescription> Datasets = Gen.Select(
        Words,
        Gen.Enum<DatasetKind>(),
        Gen.Double[0, 1].Array[3],
        Gen.Double[0.001, 1].Array[3],
        Gen.Null(Words.HashSet[2, 5]),
        Gen.Int[0, 1000],
        Gen.Int[0, int.MaxValue],
        (name, kind, mean, deviation, classes, count, seed) =>
            new DatasetDescription
            {
                Name = name,
                Kind = kind,
                Path = null,
                Mean = mean,
                StandardDeviation = deviation,
                Classes = kind == DatasetKind.Synthetic ? null : classes?.ToList(),
                AllowUnreadable = kind == DatasetKind.Synthetic ? 0 : count,
                Expected =
                    kind == DatasetKind.Synthetic || count % 3 == 0
                        ? null
                        : new ExpectedCounts(count, count + 1, count % 3 == 1 ? null : count + 2),
                Synthetic =
                    kind == DatasetKind.Synthetic
                        ? new SyntheticDescription
                        {
                            Seed = seed,
                            Classes = Math.Max(2, count),
                            TrainPerClass = count + 1,
                            ValidationPerClass = count + 2,
                        }
                        : null,
            }
    );

    private static readonly Gen<Subset> Subsets = Gen.Select(
        Gen.Int[0, 2],
        Words.HashSet[1, 4],
        Gen.Int[2, 1_000_000],
        Share,
        Share,
        (kind, classes, first, train, validation) =>
            new Subset
            {
                Classes = kind == 1 ? [.. classes] : null,
                FirstClasses = kind == 2 ? first : null,
                TrainFraction = train,
                ValidationFraction = validation,
            }
    );

    private static readonly Gen<PriceList> Prices = Gen.Select(
            Words,
            Gen.Double[1e-3, 1e6],
            Gen.DateOnly,
            Words,
            (device, dollars, date, source) => new DevicePrice(device, dollars, date, source)
        )
        .Array[0, 3]
        .Select(prices => new PriceList([.. prices.DistinctBy(price => price.Device, StringComparer.OrdinalIgnoreCase)]));

    private static readonly Gen<string> Signatures = Words
        .Select(words => string.Concat(words.Where(letter => !char.IsControl(letter))))
        .Where(words => words.Length > 0);

    private static readonly Gen<Metric> Metrics = Gen.Select(
        Names,
        Gen.Bool,
        Gen.Enum<MetricUnit>(),
        Gen.Bool.Array[3],
        Share,
        Gen.Null(Signatures),
        (name, falls, unit, on, share, signature) =>
            new Metric
            {
                Name = name,
                Better = falls ? Better.Less : Better.More,
                Unit = unit,
                Min = on[0] ? -share : null,
                Max = on[1] ? 1 + share : null,
                Chance = on[2] ? share / 3 : null,
                Signature = signature,
            }
    );

    private static readonly Gen<Metric> OldMetrics = Words.Select(name => Metric.OfProtocol1(name, chance: null));

    private static Gen<Target> Targets(Gen<Metric> metrics) =>
        Gen.Select(metrics, Gen.Bool, Gen.Nullable(Gen.Double[0, 1]), (metric, fromBaseline, threshold) =>
            new Target(metric, fromBaseline ? threshold : threshold ?? 0.5, fromBaseline)
        );

    private static readonly Gen<(int Protocol, Target Target)> Measured = Gen.Bool.SelectMany(old =>
        old
            ? Targets(OldMetrics).Select(target => (ProtocolVersion.First, target))
            : Targets(Metrics).Select(target => (ProtocolVersion.Current, target))
    );

    // Recipes of one study have one name each.
    private static readonly Gen<IReadOnlyList<Entry>> ManyEntries = Entries
        .Array[1, 4]
        .Select(entries => (IReadOnlyList<Entry>)[.. entries.DistinctBy(entry => entry.Recipe.Name)]);

    private static readonly Gen<ScanRule> Scans = Gen.Select(
        Gen.Double[1e-9, 1000].HashSet[2, 5],
        Gen.Nullable(Gen.Int[100_000, 100_000]),
        Share,
        (rates, epochs, share) =>
            new ScanRule
            {
                LearningRates = [.. rates.Order()],
                Epochs = epochs,
                TrainFraction = share,
            }
    );

    private static readonly Gen<Study> Studies = Gen.Select(
        Gen.Select(Names, Datasets, Subsets, Measured, ManyEntries, Gen.Null(Scans)),
        Gen.Select(Gen.Null(Names), Gen.Null(Prices), Gen.Int[0, int.MaxValue].HashSet[1, 5], Gen.Int[1, 8192], Share, Gen.Bool),
        (parts, others) =>
        {
            var (name, dataset, subset, (protocol, target), entries, scan) = parts;
            var (scanOf, prices, seeds, size, share, flag) = others;
            return new Study
            {
                Protocol = protocol,
                Name = name,
                Settings = new ImageSettings
                {
                    Dataset = dataset,
                    Subset = subset,
                    ImageSize = size,
                    PackSize = 8192,
                },
                Target = target,
                Baseline = entries[0],
                Entries = [.. entries.Skip(1)],
                Seeds = [.. seeds],
                Stop = flag ? StopRule.AtTarget : StopRule.AtScheduleEnd,
                EvaluateEveryExamples = size,
                CheckpointEveryMinutes = 100_000 * share,
                Threads = 1 + (size % 1024),
                Deterministic = flag,
                Scan = scan,
                ScanOf = scanOf,
                Prices = prices,
            };
        }
    );

    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_study_reads_back_as_it_was_written() =>
        Studies.Sample(
            study =>
            {
                var file = Path.Combine(folder, "study.yaml");
                File.WriteAllText(file, StudyWriter.ToYaml(study));
                // JSON knows every field, where the writer of YAML could forget one.
                var back = StudyReader.ReadResolved(file);
                Assert.Equal(ResultsJson.Write(study), ResultsJson.Write(back));
                Assert.Equal(ResultsJson.Write(ImageSettings.Of(study)), ResultsJson.Write(ImageSettings.Of(back)));
            },
            iter: 300,
            threads: 1
        );

    [Fact]
    public void The_rate_in_the_name_of_an_entry_is_the_rate() =>
        Gen.Double[double.Epsilon, 1000]
            .Sample(rate =>
            {
                var text = new EntryVariant { LearningRate = rate }.ToString();
                Assert.DoesNotContain('E', text);
                Assert.Equal(rate, EntryVariant.Parse(text)!.LearningRate);
            });

    [Theory]
    [InlineData("data-0.25", null, 0.25, null)]
    [InlineData("lr-0.05.data-0.25.size-64", 0.05, 0.25, 64)]
    [InlineData("size-96.width-1.4.depth-1.1", null, null, 96)]
    [InlineData("lr-1..data-0.5", 1.0, 0.5, null)]
    public void A_variant_is_what_its_text_says(string text, double? rate, double? data, int? size)
    {
        var variant = EntryVariant.Parse(text)!;
        Assert.Equal((rate, data, size), (variant.LearningRate, variant.Data, variant.Size));
        Assert.Equal(text.Replace("1..", "1.", StringComparison.Ordinal), variant.ToString());
    }

    // Another way to write the same, or what changes nothing, would be measured twice.
    [Theory]
    [InlineData("data-0.50")]
    [InlineData("data-.5")]
    [InlineData("data-1")]
    [InlineData("width-1")]
    [InlineData("depth-1.0")]
    [InlineData("size-064")]
    public void A_variant_has_one_way_to_be_written(string text) => Assert.Null(EntryVariant.Parse(text));

    [Theory]
    [InlineData("resnet18.sgd.data-0.25.size-64", "resnet18.sgd")]
    [InlineData("resnet18.sgd.lr-0.05.width-0.5", "resnet18.sgd.lr-0.05")]
    [InlineData("resnet18.sgd.lr-0.05", "resnet18.sgd.lr-0.05")]
    [InlineData("resnet18.sgd", "resnet18.sgd")]
    public void An_entry_and_its_variants_in_scale_are_one_method(string entry, string method)
    {
        Assert.Equal(method, new ScaleRule([], []).FamilyOf(entry));
        Assert.Equal("modern", new ScaleRule([], [new ScaleFamily("modern", [method, "other.sgd"])]).FamilyOf(entry));
    }

    // As a geometric grid has it: the square root of ten, over a thousand.
    [Theory]
    [InlineData(0.0031622776601683794, "lr-0.0031622776601683794")]
    [InlineData(3.1622776601683795e-05, "lr-0.000031622776601683795")]
    [InlineData(1e-5, "lr-0.00001")]
    [InlineData(0.05, "lr-0.05")]
    [InlineData(2, "lr-2")]
    public void A_rate_is_written_with_every_digit(double rate, string expected) =>
        Assert.Equal(expected, new EntryVariant { LearningRate = rate }.ToString());
}
