using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Notices;

/// <summary>Whose a file inside this assembly is, and under what licence.</summary>
internal sealed record Notice(string Name)
{
    public static Notice Plotly { get; } = new("plotly.js.txt");

    public static Notice Inter { get; } = new("Inter.txt");

    /// <summary>Name, copyright, licence and address, on one line.</summary>
    public string Line => Text.Split('\n')[0].TrimEnd();

    /// <summary>The same with the whole licence.</summary>
    public string Text => EmbeddedFile.Text(Name);
}
