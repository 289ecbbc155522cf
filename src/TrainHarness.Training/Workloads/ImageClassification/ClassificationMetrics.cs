using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>What image classification measures. Chance is blind guessing among equally likely classes.</summary>
public static class ClassificationMetrics
{
    /// <summary>The metrics of so many classes, in the order of evaluations.csv, the loss last.</summary>
    /// <param name="classes">Null where only the data itself tells; chance is then not known.</param>
    public static IReadOnlyList<Metric> Of(int? classes) =>
        [
            Part("top1", 1.0 / classes),
            Part("top5", classes is { } count ? Math.Min(5, count) / (double)count : null),
            new()
            {
                Name = Metric.LossName,
                Better = Better.Less,
                Unit = MetricUnit.Number,
                Min = 0,
                Chance = classes is { } all ? Math.Log(all) : null,
            },
        ];

    /// <summary>Of a part of a dataset, as far as their descriptions tell.</summary>
    public static IReadOnlyList<Metric> Of(DatasetDescription dataset, Subset subset) =>
        Of(subset.Classes?.Count ?? subset.FirstClasses ?? dataset.Classes?.Count ?? dataset.Synthetic?.Classes);

    // A part of the validation examples.
    private static Metric Part(string name, double? chance) =>
        new()
        {
            Name = name,
            Better = Better.More,
            Unit = MetricUnit.Percent,
            Min = 0,
            Max = 1,
            Chance = chance,
        };
}
