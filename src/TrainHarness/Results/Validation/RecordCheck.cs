using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Protocol.Validation;

namespace TrainHarness.Results.Validation;

/// <summary>What no trial can have: a record is a file that anybody may have written, and its numbers are divided by each other.</summary>
internal static class RecordCheck
{
    private const int FirstYear = 1900;
    private const int LastYear = 2200;
    private const int MaxMetrics = 100;
    private const int MaxOutputs = 100;
    private const int MaxOutput = 10_000;

    // The largest training run so far spent less than 10^27; sums of ten million such numbers still fit.
    private static readonly Macs Max = new(UInt128.Parse("1000000000000000000000000000000", CultureInfo.InvariantCulture));

    /// <summary>Why a record is not one that this program reads of a trial; null where it is.</summary>
    public static string? OriginProblem(TrialRecord record, string trialId) =>
        record.Protocol is < ProtocolVersion.First or > ProtocolVersion.Current
            ? $"made by protocol {record.Protocol}; this program knows protocols {ProtocolVersion.First} to {ProtocolVersion.Current}."
        : record.Id != trialId ? $"this is the record of '{record.Id}', not of '{trialId}'."
        : null;

    /// <summary>What is impossible in a record and its evaluations; null where nothing is.</summary>
    public static string? Problem(TrialRecord record, IReadOnlyList<Evaluation> evaluations) =>
        // With the order an evaluation's numbers are at most the record's, which are bounded.
        NameProblem(record)
        ?? WordProblem(record)
        ?? DescriptionProblem(record)
        ?? AmountProblem(record)
        ?? MacsProblem(record)
        ?? OutcomeProblem(record)
        ?? TestProblem(record.Test)
        ?? MetricProblem(record, evaluations)
        ?? EvaluationOrder.Problem(evaluations, record.Steps, record.Examples, record.Ledger, record.Clocks.TrainingSeconds)
        ?? CrossingProblem(record, evaluations);

    private static string? NameProblem(TrialRecord record) =>
        string.Create(CultureInfo.InvariantCulture, $"{record.Entry}/seed-{record.Seed}") == record.Id
            ? null
            : $"'id' is {record.Id}, which its 'entry' and its 'seed' are not.";

    // Two words with a comma between are read as a number, which may be none of theirs.
    private static string? WordProblem(TrialRecord record)
    {
        if (
            record
            is { Workload: null }
                and not { Dataset: { Classes: not null, ImageSize: not null, PackSize: not null }, Recipe.Augmentation: not null }
        )
            return "its dataset or its recipe lacks what one of images has.";
        if (!Enum.IsDefined(record.Outcome) || !Enum.IsDefined(record.Recipe.Precision) || !Enum.IsDefined(record.Start.Initialisation))
            return "'outcome', 'recipe.precision' or 'start.initialisation' is not one of its words.";
        if (record.Architecture.Published?.Year is < FirstYear or > LastYear)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"'architecture.published' is {record.Architecture.Published:yyyy-MM-dd}; allowed: from {FirstYear} to {LastYear}."
            );
        string?[] shown =
        [
            record.Environment.Device,
            record.Environment.DeviceName,
            record.Environment.Driver,
            record.Architecture.Name,
            record.Architecture.Paper,
            record.EnergyMeter,
            record.Divergence,
        ];
        return shown.Any(text => text?.Any(char.IsControl) == true) ? "a text in it has a control character." : null;
    }

    // Each version says in its own way what its metrics are.
    private static string? DescriptionProblem(TrialRecord record)
    {
        if (record.Protocol == ProtocolVersion.First)
        {
            return record switch
            {
                { Metrics: not null } => "it has 'metrics', which no record of protocol 1 has.",
                { Target.Chance: null } => "'target.chance' is missing, which every record of protocol 1 has.",
                { Ledger.Generation: var generation } when generation != Macs.Zero =>
                    "'ledger.generation' is not 0, which protocol 1 did not count.",
                _ => MetricCheck.Problem(record.Metric) is { } problem ? problem + "." : null,
            };
        }

        if (record.Metrics is not { Count: > 0 and <= MaxMetrics } metrics || metrics.Contains(null!))
            return $"'metrics' is missing, empty or longer than {MaxMetrics}.";
        if (metrics.Select(MetricCheck.Problem).FirstOrDefault(problem => problem is not null) is { } impossible)
            return impossible + ".";
        if (metrics.DistinctBy(metric => metric.Name).Count() < metrics.Count)
            return "two of its 'metrics' have one name.";
        return metrics.Any(metric => metric.Name == record.Target.Metric)
            ? null
            : $"'target.metric' is {record.Target.Metric}, which is none of its 'metrics'.";
    }

    private static string? AmountProblem(TrialRecord record)
    {
        (string Name, double? Value, double Min)[] amounts =
        [
            ("steps", record.Steps, 0),
            ("examples", record.Examples, 0),
            ("epochs", record.Epochs, 0),
            ("joules", record.Joules, 0),
            ("clocks.trainingSeconds", record.Clocks.TrainingSeconds, 0),
            ("clocks.evaluationSeconds", record.Clocks.EvaluationSeconds, 0),
            ("clocks.startUpSeconds", record.Clocks.StartUpSeconds, 0),
            ("clocks.dataWaitSeconds", record.Clocks.DataWaitSeconds, 0),
            ("clocks.suspendedSeconds", record.Clocks.SuspendedSeconds, 0),
            ("clocks.trialsPerDevice", record.Clocks.TrialsPerDevice, 2),
            ("architecture.parameters", record.Architecture.Parameters, 0),
            ("crossing.first", record.Crossing?.First, 0),
            ("crossing.sustained", record.Crossing?.Sustained, 0),
            ("crossing.bracketExamples", record.Crossing?.BracketExamples, 0),
            ("crossing.examples", record.Crossing?.Examples, 0),
            ("crossing.seconds", record.Crossing?.Seconds, 0),
            ("beyond.examples", record.Beyond?.Examples, 0),
            ("beyond.seconds", record.Beyond?.Seconds, 0),
            ("dataset.classes", record.Dataset.Classes, 1),
            ("dataset.trainExamples", record.Dataset.TrainExamples, 1),
            ("dataset.validationExamples", record.Dataset.ValidationExamples, 1),
        ];
        foreach (var (name, value, min) in amounts)
        {
            if (value is { } amount && !(double.IsFinite(amount) && amount >= min))
                return string.Create(CultureInfo.InvariantCulture, $"'{name}' is {amount}; allowed: a finite number of at least {min}.");
            if (value > EvaluationOrder.MaxSeconds && name.EndsWith("Seconds", StringComparison.OrdinalIgnoreCase))
                return string.Create(CultureInfo.InvariantCulture, $"'{name}' is {value}; allowed: at most {EvaluationOrder.MaxSeconds}.");
        }

        if (record.Dataset.PassedOver?.FirstOrDefault(reason => reason.Value < 1 || reason.Key.Any(char.IsControl)) is { Key: { } reason })
            return $"'dataset.passedOver' has an impossible count, or reason: {reason}.";

        return record.Target.Threshold is { } threshold && !record.Metric.Holds(threshold)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"'target.threshold' is {threshold}; allowed: {MetricCheck.Allowed(record.Metric)}."
            )
            : null;
    }

    private static string? MacsProblem(TrialRecord record)
    {
        (string Name, Macs Value)[] counts =
        [
            ("ledger.forward", record.Ledger.Forward),
            ("ledger.gradInput", record.Ledger.GradInput),
            ("ledger.gradWeight", record.Ledger.GradWeight),
            ("ledger.generation", record.Ledger.Generation),
            ("ledger.evaluation", record.Ledger.Evaluation),
            ("beyond.trainingMacs", record.Beyond?.TrainingMacs ?? Macs.Zero),
            ("architecture.forwardMacs", record.Architecture.ForwardMacs),
            ("architecture.trainingMacs", record.Architecture.TrainingMacs),
        ];
        if (record.Architecture.ForwardMacs == Macs.Zero || record.Architecture.TrainingMacs == Macs.Zero)
            return "'architecture' has no multiply-adds.";
        return counts.FirstOrDefault(count => count.Value > Max) is { Name: { } name }
            ? $"'{name}' is more than {Max} multiply-adds."
            : null;
    }

    private static string? OutcomeProblem(TrialRecord record) =>
        record switch
        {
            { Outcome: Outcome.Reached, Crossing: null } => "'outcome' is reached and there is no 'crossing'.",
            { Outcome: Outcome.Missed or Outcome.Completed, Crossing: not null } => "there is a 'crossing' and 'outcome' is not reached.",
            { Outcome: Outcome.Missed, Target.Threshold: null } => "'outcome' is missed and there is no 'target.threshold'.",
            _ => null,
        };

    private static string? TestProblem(TestRecord? test)
    {
        if (test is null)
            return null;
        if (test is { Metric: null } or { Outputs: null })
            return "'test' lacks its 'metric' or its 'outputs'.";
        if (MetricCheck.Problem(test.Metric) is { } problem)
            return $"'test': {problem}.";
        if (test.Examples < 1 || !test.Metric.Holds(test.Value) || test.Macs > Max)
            return "'test' has no examples, an impossible value, or too many multiply-adds.";
        return test.Outputs.Count <= MaxOutputs && test.Outputs.All(IsShown)
            ? null
            : $"'test.outputs' holds more than {MaxOutputs} lines, or one that is no line of text.";
    }

    private static bool IsShown(string? line) => line is { Length: <= MaxOutput } && !line.Any(char.IsControl);

    private static string? MetricProblem(TrialRecord record, IReadOnlyList<Evaluation> evaluations) =>
        MetricValues.Problem(evaluations, record.Metrics ?? [.. MetricsOfProtocol1(record, evaluations)]);

    // What its evaluations have, each a part of the validation examples.
    private static IEnumerable<Metric> MetricsOfProtocol1(TrialRecord record, IReadOnlyList<Evaluation> evaluations) =>
        evaluations
            .Take(1)
            .SelectMany(evaluation => evaluation.Metrics.Keys)
            .Append(record.Target.Metric)
            .Distinct()
            .Select(name => Metric.OfProtocol1(name, chance: null));

    private static string? CrossingProblem(TrialRecord record, IReadOnlyList<Evaluation> evaluations)
    {
        var values = evaluations.Select(evaluation => evaluation.ValueOf(record.Target.Metric)).ToList();
        var found = record.Target.Threshold is { } threshold ? Crossing.Find(values, threshold, record.Metric) : null;
        if (record.Crossing is { } crossing && (crossing.First >= evaluations.Count || crossing.Sustained >= evaluations.Count))
            return string.Create(
                CultureInfo.InvariantCulture,
                $"'crossing' names an evaluation that is not among the {evaluations.Count}."
            );
        return CrossingRecord.From(found, evaluations) == record.Crossing ? null : "'crossing' is not what its evaluations say.";
    }
}
