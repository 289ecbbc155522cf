using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.Translation.Scoring;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>What translation measures, in the order of evaluations.csv.</summary>
internal static class TranslationMetrics
{
    public const string Bleu = "bleu";

    /// <summary>BLEU of what beam search writes.</summary>
    public static Metric OfTest(BleuRules rules) => Points($"{rules.Signature(references: 1)}|{BeamSearch.Signature}");

    /// <param name="vocabulary">Parts that a network chooses among; null where only the data tells it.</param>
    public static IReadOnlyList<Metric> Of(BleuRules rules, int? vocabulary) =>
        [
            Points(rules.Signature(references: 1)),
            new()
            {
                Name = Metric.LossName,
                Better = Better.Less,
                Unit = MetricUnit.Number,
                Min = 0,
                Chance = vocabulary is { } parts ? Math.Log(parts) : null,
                Signature = "nats per subword",
            },
        ];

    // Guessed words make no four in a row that the reference has.
    private static Metric Points(string signature) =>
        new()
        {
            Name = Bleu,
            Better = Better.More,
            Unit = MetricUnit.Points,
            Min = 0,
            Max = 100,
            Chance = 0,
            Signature = signature,
        };
}
