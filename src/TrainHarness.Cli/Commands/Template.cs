using System.Reflection;

namespace TrainHarness.Cli.Commands;

/// <summary>Texts that the program writes out, from the folder Templates.</summary>
internal static class Template
{
    public static bool Exists(string file) => Assembly.GetExecutingAssembly().GetManifestResourceInfo($"Templates.{file}") is not null;

    public static string Read(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Templates.{file}")!;
        using var text = new StreamReader(stream);
        return text.ReadToEnd();
    }
}
