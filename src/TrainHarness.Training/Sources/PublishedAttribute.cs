using System.Globalization;

namespace TrainHarness.Training.Sources;

/// <summary>When and where a network of the user's own was published. Without it, it is no point of a trend.</summary>
/// <param name="date">Of the first public version: <c>2024-03-29</c>.</param>
/// <param name="paper"><c>arXiv:2403.19967</c>, or another way to find it.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PublishedAttribute(string date, string paper = "") : Attribute
{
    /// <exception cref="FormatException">The date is none of the form <c>2024-03-29</c>.</exception>
    public DateOnly Date { get; } = DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    public string Paper { get; } = paper;
}
