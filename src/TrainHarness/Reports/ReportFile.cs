using System.Text;

namespace TrainHarness.Reports;

/// <summary>One file of a report.</summary>
/// <param name="Name">In the results folder.</param>
internal sealed record ReportFile(string Name, byte[] Content)
{
    public static ReportFile Of(string name, string text) => new(name, Encoding.UTF8.GetBytes(text));
}
