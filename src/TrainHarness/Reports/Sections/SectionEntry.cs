using TrainHarness.Analysis;

namespace TrainHarness.Reports.Sections;

/// <summary>
/// What a report can tell below its answer: one entry of <see cref="ReportSections.Shipped"/> is all that a section needs.
/// </summary>
/// <param name="Name">Names it inside a page: small letters and '-'.</param>
/// <param name="Parts">Its text, tables and charts; null for a study to which it does not apply.</param>
public sealed record SectionEntry(string Name, string Title, Func<AnalysedStudy, IReadOnlyList<ReportPart>?> Parts)
{
    /// <summary>The names of all charts that it may have: the files of those that it no longer draws are removed.</summary>
    public Func<AnalysedStudy, IEnumerable<string>> Figures { get; init; } = _ => [];

    /// <summary>Null where it does not apply.</summary>
    /// <exception cref="InvalidOperationException">It draws a chart that is not among its <see cref="Figures"/>.</exception>
    public ReportSection? Of(AnalysedStudy analysed)
    {
        if (Parts(analysed) is not { } parts)
            return null;
        var section = new ReportSection(Name, Title, parts);
        return section.Charts.Select(chart => chart.Name).Except(Figures(analysed)).FirstOrDefault() is { } unnamed
            ? throw new InvalidOperationException($"The section '{Name}' draws '{unnamed}', which is not among its figures.")
            : section;
    }
}
