using System.Text;

namespace TrainHarness.Reports.Wording;

/// <summary>Files that travel inside this assembly: the page's script and style, plotly.js, the font of the figures.</summary>
internal static class EmbeddedFile
{
    public static Stream Open(string name) =>
        typeof(EmbeddedFile).Assembly.GetManifestResourceStream("TrainHarness.Reports." + name)
        ?? throw new FileNotFoundException($"Nothing is embedded as '{name}'.");

    public static string Text(string name)
    {
        using var reader = new StreamReader(Open(name), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
