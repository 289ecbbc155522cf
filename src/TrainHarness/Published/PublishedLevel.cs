using TrainHarness.Analysis;

namespace TrainHarness.Published;

/// <summary>Published systems of one capability, recomputed beside what was printed.</summary>
/// <param name="Name">As <c>published --level</c> takes it.</param>
/// <param name="Title">The capability.</param>
/// <param name="DoublingTimeMonths">Recomputed; null where it cannot be.</param>
/// <param name="DoublingTimeMethod">How; null with the number.</param>
/// <param name="PrintedDoublingTimeMonths">Null where none is printed.</param>
/// <param name="Trend">Of the recomputed factors; null where the method is not the frontier's.</param>
/// <param name="Notes">What a reader must know of the level, and where its doubling time contradicts the printed one.</param>
public sealed record PublishedLevel(
    string Name,
    string Title,
    IReadOnlyList<PublishedRow> Rows,
    double? DoublingTimeMonths,
    string? DoublingTimeMethod,
    double? PrintedDoublingTimeMonths,
    TrendSummary? Trend,
    IReadOnlyList<string> Notes
);
