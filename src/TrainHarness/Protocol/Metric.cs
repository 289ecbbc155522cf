using System.Text.Json.Serialization;

namespace TrainHarness.Protocol;

/// <summary>Which of two values of a metric is the better one.</summary>
public enum Better
{
    /// <summary>The larger: accuracy, BLEU, a win rate.</summary>
    More,

    /// <summary>The smaller: a loss, a perplexity, an error rate.</summary>
    Less,
}

/// <summary>How the values of a metric are written for people.</summary>
public enum MetricUnit
{
    /// <summary>A part from 0 to 1, written as a percentage: 0.63 as 63.0 %.</summary>
    Percent,

    /// <summary>Points of a hundred, as BLEU is printed: 34.8.</summary>
    Points,

    /// <summary>A plain number: a loss of 3.28, an Elo rating of 1523.</summary>
    Number,
}

/// <summary>
/// What a target is a level of. It stands in study.yaml, in record.json and beside evaluations, so that nobody needs the workload to read
/// them. Two values compare only where their metrics fit.
/// </summary>
public sealed record Metric
{
    /// <summary>The metric that every evaluation has in a column of its own.</summary>
    public const string LossName = "loss";

    /// <summary>The ledger's column of forward passes that make training data.</summary>
    public const string OfGeneration = "generation";

    // 1.5 × a chance of 10 % was the rule before metrics said their bounds; this is 14.5 % there.
    private const double LeftChancePart = 0.05;

    internal const double FlatPart = 0.01;

    /// <summary>As in the study and in the first line of evaluations.csv.</summary>
    public required string Name { get; init; }

    public required Better Better { get; init; }

    public required MetricUnit Unit { get; init; }

    /// <summary>The smallest possible value; null for none.</summary>
    public double? Min { get; init; }

    /// <summary>The largest possible value; null for none.</summary>
    public double? Max { get; init; }

    /// <summary>The value of blind guessing; null where there is none, or nobody knows it.</summary>
    public double? Chance { get; init; }

    /// <summary>
    /// How it is computed, where values compare only within one such text: sacreBLEU's <c>nrefs:1|case:lc|tok:none|smooth:exp</c>.
    /// Null where the name says it all.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Signature { get; init; }

    /// <summary>
    /// <see cref="OfGeneration"/> where it is no level but a part of what the ledger has spent in that column; null for all others.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PartOf { get; init; }

    /// <summary>A metric of protocol 1, where each was a part of the validation examples and no file said so.</summary>
    public static Metric OfProtocol1(string name, double? chance) =>
        new()
        {
            Name = name,
            Better = Better.More,
            Unit = MetricUnit.Percent,
            Min = 0,
            Max = 1,
            Chance = chance,
        };

    /// <summary>The best possible value; null for none.</summary>
    public double? BestPossible => Better == Better.More ? Max : Min;

    /// <summary>
    /// What a baseline must gain over the last fifth of its way to a level, or it is flat there: a hundredth of the metric's range, or of
    /// the way from chance to the best possible value; null where neither is known, and <see cref="FlatPart"/> of the way that it went must
    /// do.
    /// </summary>
    public double? FlatGain =>
        (Min, Max, Chance, BestPossible) switch
        {
            ({ } min, { } max, _, _) => (max - min) * FlatPart,
            (_, _, { } chance, { } best) => Gain(chance, best) * FlatPart,
            _ => null,
        };

    /// <summary>Whether a ratio to zero means something, so that one can speak of a part of a level.</summary>
    public bool IsRatio => Better == Better.More && Min == 0;

    /// <summary>Whether values compare with those of another metric; chance may be unknown to one of them.</summary>
    public bool Fits(Metric other) =>
        this with { Chance = null } == other with { Chance = null } && (Chance is null || other.Chance is null || Chance == other.Chance);

    /// <summary>Its name, as it stands in sentences.</summary>
    public override string ToString() => Name;

    public bool Reaches(double value, double level) => Better == Better.More ? value >= level : value <= level;

    public bool IsBetter(double value, double than) => Better == Better.More ? value > than : value < than;

    /// <summary>How much better the second value is; negative where it is worse.</summary>
    public double Gain(double from, double to) => Better == Better.More ? to - from : from - to;

    public double BetterOf(double one, double other) => Better == Better.More ? Math.Max(one, other) : Math.Min(one, other);

    /// <exception cref="InvalidOperationException">There are none.</exception>
    public double BestOf(IEnumerable<double> values) => Better == Better.More ? values.Max() : values.Min();

    /// <inheritdoc cref="BestOf"/>
    public double WorstOf(IEnumerable<double> values) => Better == Better.More ? values.Min() : values.Max();

    /// <summary>Whether the metric can have this value.</summary>
    public bool Holds(double value) => double.IsFinite(value) && !(value < Min) && !(value > Max);

    /// <summary>
    /// Whether a run learned anything: it went a twentieth of the way from chance to the best possible value. Where one of them is not
    /// known, it ended better than its first evaluation, and than chance where that is known.
    /// </summary>
    /// <param name="first">At the first evaluation.</param>
    /// <param name="last">At the end of the schedule.</param>
    public bool HasLeftChance(double first, double last) =>
        (Chance, BestPossible) switch
        {
            // Where chance is the best there is, nothing can be told from it.
            ({ } chance, { } best) => Gain(chance, best) > 0 && Gain(chance, last) >= LeftChancePart * Gain(chance, best),
            _ => IsBetter(last, first) && !(Chance is { } chance && !IsBetter(last, chance)),
        };
}
