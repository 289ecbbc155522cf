using System.Text;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Language.Data;

namespace TrainHarness.Training.Workloads.LanguageModelling.Data;

/// <summary>One file of text, plain or .gz.</summary>
/// <param name="Title">For people, and in records.</param>
/// <param name="File">As the study names it; null where only --data does.</param>
public sealed record TextFile(string Title, string? File) : TextSource
{
    // All of it lies in memory, several times while it is taken apart.
    private const int LongestText = 1 << 28;

    public static Fields<TextFile> Fields { get; } =
        new(
            new TextFile("", null),
            Field.Required(
                "name",
                Kind.Text,
                "Of the dataset, in records and reports.",
                (TextFile text) => text.Title,
                (text, value) => text with { Title = value }
            ),
            // Where it lies is the machine's business and not the study's, so that it is never written.
            Field.Optional(
                "path",
                Kind.Text with
                {
                    Read = node => node.PathText(),
                },
                "The file, relative to this one; --data names it where it is missing.",
                (TextFile _) => null,
                (text, value) => text with { File = value }
            )
        );

    public override string Name => Title;

    public override string Read(string? place)
    {
        var file = place
            ?? File
            ?? throw new ConfigurationException($"{Name}: nobody says where it lies; allowed: --data FILE, or 'path' beside 'kind: file'.");
        var text = new StringBuilder();
        foreach (var line in TextLines.Read(file))
        {
            text.Append(line).Append('\n');
            if (text.Length > LongestText)
                throw new ConfigurationException($"{file}: the text is too long; allowed: at most {LongestText} characters.");
        }

        return text.Length > 0 ? text.ToString() : throw new ConfigurationException($"{file}: the file is empty; allowed: a text.");
    }
}
