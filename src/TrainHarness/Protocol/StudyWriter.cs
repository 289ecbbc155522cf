using System.Globalization;
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

    private static Dictionary<string, object?> RecipeOf(Recipe recipe) =>
        new([.. RecipeReader.FieldsOf(Recipe.ImageFields).Lines(recipe), .. (recipe.Own ?? new Dictionary<string, string>()).Select(own => KeyValuePair.Create<string, object?>(own.Key, own.Value))]);

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
