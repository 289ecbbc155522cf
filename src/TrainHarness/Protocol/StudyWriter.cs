using System.Globalization;
using TrainHarness.Compute;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace TrainHarness.Protocol;

/// <summary>Writes the resolved study: complete, and readable by <see cref="StudyReader"/> without any other file.</summary>
public static class StudyWriter
{
    // To build one takes longer than to write a study with it.
    private static readonly ISerializer Serializer = new SerializerBuilder().DisableAliases().WithIndentedSequences().WithEventEmitter(next => new OddLettersInQuotes(next)).Build();

    public static string ToYaml(Study study) => Serializer.Serialize(Lines(study));

    /// <summary>Keys and values of the resolved study, in the order of the file: texts, numbers, flags, lists, and mappings of them.</summary>
    internal static Dictionary<string, object?> Lines(Study study)
    {
        var lines = new Dictionary<string, object?> { ["name"] = study.Name };
        // Studies are older than the key.
        if (study.Workload != StudyVocabulary.Unnamed)
            lines["workload"] = study.Workload;
        foreach (var (key, value) in study.Settings.Lines)
            lines[key] = value;
        lines["target"] = TargetOf(study);
        lines["baseline"] = study.Baseline.Name;
        lines["entries"] = study.Entries.Select(entry => entry.Name).ToList();
        lines["seeds"] = study.Seeds.ToList();
        lines["stop"] = study.Stop == StopRule.AtTarget ? "at-target" : "at-schedule-end";
        lines["evaluateEveryExamples"] = study.EvaluateEveryExamples;
        lines["checkpointEveryMinutes"] = study.CheckpointEveryMinutes;
        lines["threads"] = study.Threads;
        lines["recipes"] = study.AllEntries.Select(entry => entry.Recipe).DistinctBy(recipe => recipe.Name).ToDictionary(recipe => recipe.Name, RecipeOf);
        // By checksum alone: what a results folder says is never run.
        var own = study.Sources.Where(source => study.AllEntries.Any(entry => entry.Architecture == source.Name)).ToDictionary(source => source.Name, source => (object?)source.Sha256);
        if (own.Count > 0)
            lines["sources"] = own;
        // A folder of protocol 1 does not say so.
        if (study.Protocol != ProtocolVersion.First)
            lines["protocol"] = study.Protocol;
        if (study.Deterministic)
            lines["deterministic"] = true;
        if (study.Scan is { } scan)
            lines["scan"] = ScanRuleOf(scan);
        if (study.ScanOf is { } scanned)
            lines["scanOf"] = scanned;
        if (study.Prices is { } prices)
            lines["prices"] = prices.Devices.Select(PriceOf).ToList();
        return lines;
    }

    private static Dictionary<string, object?> PriceOf(DevicePrice price) => new()
    {
        ["device"] = price.Device,
        ["dollarsPerHour"] = price.DollarsPerHour,
        ["date"] = price.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ["source"] = price.Source,
    };

    private static Dictionary<string, object?> ScanRuleOf(ScanRule scan)
    {
        var lines = new Dictionary<string, object?> { ["learningRates"] = scan.LearningRates.ToList(), ["trainFraction"] = scan.TrainFraction };
        if (scan.Epochs is { } epochs)
            lines["epochs"] = epochs;
        return lines;
    }

    private static Dictionary<string, object?> TargetOf(Study study)
    {
        var target = study.Target;
        object metric = study.Protocol == ProtocolVersion.First ? target.Metric.Name : TargetReader.Lines(target.Metric);
        var lines = new Dictionary<string, object?> { ["metric"] = metric };
        if (target.FromBaseline)
            lines["from"] = "baseline";
        if (target.Threshold is { } threshold)
            lines[target.FromBaseline ? "threshold" : TargetReader.KeyOf(target.Metric)] = threshold;
        return lines;
    }

    private static Dictionary<string, object?> RecipeOf(Recipe recipe)
    {
        var lines = new Dictionary<string, object?>
        {
            ["epochs"] = recipe.Epochs,
            ["batchSize"] = recipe.BatchSize,
            ["optimizer"] = OptimizerOf(recipe.Optimizer),
            ["plain"] = StartOf(recipe.Plain),
            ["batchNormalised"] = StartOf(recipe.BatchNormalised),
            ["schedule"] = ScheduleOf(recipe.Schedule),
            ["warmUpEpochs"] = recipe.WarmUpEpochs,
        };
        if (recipe.LabelSmoothing is { } smoothing)
            lines["labelSmoothing"] = smoothing;
        if (recipe.Augmentation is { } augmentation)
            lines["augmentation"] = AugmentationOf(augmentation);
        lines["precision"] = PrecisionOf(recipe.Precision);
        if (recipe.MemoryFormat == MemoryFormat.ChannelsLast)
            lines["memoryFormat"] = "channels-last";
        if (recipe.GradientClip is { } clip)
            lines["gradientClip"] = clip;
        if (recipe.AverageDecay is { } decay)
            lines["averageDecay"] = decay;
        if (recipe.DropPath is { } drop)
            lines["dropPath"] = drop;
        if (recipe.AuxiliaryLossWeight is { } weight)
            lines["auxiliaryLossWeight"] = weight;
        foreach (var (key, value) in recipe.Own ?? new Dictionary<string, string>())
            lines[key] = value;
        return lines;
    }

    private static string PrecisionOf(Precision precision) => precision switch
    {
        Precision.Fp32 => "fp32",
        Precision.Tf32 => "tf32",
        Precision.Bf16 => "bf16",
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, null),
    };

    private static Dictionary<string, object?> OptimizerOf(OptimizerRule rule)
    {
        var lines = rule switch
        {
            SgdRule sgd => new Dictionary<string, object?> { ["kind"] = "sgd", ["momentum"] = sgd.Momentum, ["nesterov"] = sgd.Nesterov },
            RmsPropRule rmsProp => new() { ["kind"] = "rmsprop", ["decay"] = rmsProp.Decay, ["momentum"] = rmsProp.Momentum, ["epsilon"] = rmsProp.Epsilon },
            AdamWRule adamW => new() { ["kind"] = "adamw", ["beta1"] = adamW.Beta1, ["beta2"] = adamW.Beta2, ["epsilon"] = adamW.Epsilon },
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, null),
        };
        lines["weightDecay"] = rule.WeightDecay;
        if (rule.ExemptOneDimensional)
            lines["exemptOneDimensional"] = true;
        return lines;
    }

    private static Dictionary<string, object?> AugmentationOf(AugmentationRule rule)
    {
        var lines = new Dictionary<string, object?>
        {
            ["cropScale"] = rule.CropScale.ToList(),
            ["cropRatio"] = rule.CropRatio.ToList(),
            ["flip"] = rule.Flip,
        };
        if (rule.RandAugment is { } randAugment)
            lines["randAugment"] = RandAugmentOf(randAugment);
        if (rule.Lighting is { } lighting)
            lines["lighting"] = lighting;
        if (rule.RandomErasing is { } erasing)
            lines["randomErasing"] = new Dictionary<string, object?>
            {
                ["probability"] = erasing.Probability,
                ["area"] = erasing.Area.ToList(),
                ["ratio"] = erasing.Ratio.ToList(),
                ["fill"] = erasing.Fill == ErasingFill.Noise ? "noise" : "zero",
            };
        if (rule.Mixing is { } mixing)
            lines["mixing"] = new Dictionary<string, object?> { ["mixup"] = mixing.Mixup, ["cutmix"] = mixing.Cutmix, ["probability"] = mixing.Probability };
        return lines;
    }

    private static Dictionary<string, object?> RandAugmentOf(RandAugmentRule rule)
    {
        var lines = new Dictionary<string, object?> { ["operations"] = rule.Operations, ["magnitude"] = rule.Magnitude };
        if (rule.MagnitudeDeviation > 0)
            lines["magnitudeDeviation"] = rule.MagnitudeDeviation;
        return lines;
    }

    private static Dictionary<string, object?> StartOf(StartRule start) => new()
    {
        ["learningRate"] = start.LearningRate,
        ["initialisation"] = start.Initialisation == InitialWeights.He ? "he" : "torchvision",
    };

    private static Dictionary<string, object?> ScheduleOf(LearningRateSchedule schedule) => schedule switch
    {
        SteppedSchedule step => new() { ["kind"] = "step", ["decay"] = step.Decay, ["parts"] = step.Parts },
        SmoothedStepSchedule smooth => new() { ["kind"] = "smoothed-step", ["decay"] = smooth.Decay, ["parts"] = smooth.Parts },
        CosineSchedule => new() { ["kind"] = "cosine" },
        PolynomialSchedule polynomial => new() { ["kind"] = "polynomial", ["power"] = polynomial.Power },
        ExponentialSchedule exponential => new()
        {
            ["kind"] = "exponential",
            ["decay"] = exponential.Decay,
            ["everyEpochs"] = exponential.EveryEpochs,
            ["staircase"] = exponential.Staircase,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(schedule), schedule, null),
    };

    // YamlDotNet 18.1 writes a tab, or a space that is none of ASCII, as it is, which does not read back where it comes first or last.
    private sealed class OddLettersInQuotes(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (eventInfo.Source.Value is string text && text.Any(letter => char.IsControl(letter) || (char.IsWhiteSpace(letter) && letter != ' ')))
                eventInfo.Style = ScalarStyle.DoubleQuoted;
            base.Emit(eventInfo, emitter);
        }
    }
}
