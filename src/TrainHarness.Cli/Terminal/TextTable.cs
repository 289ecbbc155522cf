using Spectre.Console;
using Spectre.Console.Rendering;

namespace TrainHarness.Cli.Terminal;

/// <summary>
/// A table for people, as every command writes it. It never breaks a number or a name: columns of text are wrapped between words, and where
/// that is not enough every row becomes a list.
/// </summary>
internal sealed class TextTable(params IReadOnlyList<Column> columns)
{
    // Of the border, which is blank: at the sides of a column, between two, and around all.
    private const int Padding = 2;
    private const int Between = 1;
    private const int Edges = 2;

    // Less is no text any more.
    private const int NarrowestText = 12;

    private readonly List<string[]> rows = [];

    public void Add(params string[] cells) => rows.Add(cells);

    /// <summary>To standard output.</summary>
    public void Write() => Write(Console.Out, Screen.Width);

    /// <param name="width">In columns; null where a row may be as long as it is.</param>
    public void Write(TextWriter output, int? width)
    {
        foreach (var line in Lines(width))
            output.WriteLine(line);
    }

    /// <summary>Whether it is a table at this width, and no list.</summary>
    public bool Fits(int width) => Widths(width) is not null;

    /// <param name="width">In columns; null where a row may be as long as it is.</param>
    public IReadOnlyList<string> Lines(int? width) =>
        Widths(width ?? int.MaxValue) is { } widths ? Drawn(widths) : [.. Listed(width!.Value)];

    /// <summary>Of the columns; null where they do not fit.</summary>
    private int[]? Widths(int width)
    {
        int[] min = [.. columns.Select((column, index) => Least(column, index))];
        int[] widths = [.. columns.Select((column, index) => Cells(index).Max(Longest))];
        var room = width - Frame;
        if (min.Sum() > room)
            return null;
        // The widest column of text gives way first.
        while (widths.Sum() > room)
        {
            var widest = Enumerable
                .Range(0, widths.Length)
                .Where(index => widths[index] > min[index])
                .MaxBy(index => (!columns[index].IsNumber, widths[index]));
            widths[widest]--;
        }

        return widths;
    }

    private int Frame => (Padding * columns.Count) + (Between * (columns.Count - 1)) + Edges;

    private int Least(Column column, int index) =>
        Math.Max(
            LongestWord(column.Name),
            rows.Select(row => column.IsNumber ? Longest(row[index]) : MinText(row[index])).DefaultIfEmpty().Max()
        );

    private static int MinText(string text) => Math.Max(LongestWord(text), Math.Min(Longest(text), NarrowestText));

    private static int LongestWord(string text) => text.Split(' ').Max(Longest);

    private IEnumerable<string> Cells(int index) => rows.Select(row => row[index]).Prepend(columns[index].Name);

    // In cells of the terminal, of which a Chinese letter takes two.
    private static int Longest(string text) => new Segment(text).CellCount();

    private IReadOnlyList<string> Drawn(int[] widths)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var (column, width) in columns.Zip(widths))
            table.AddColumn(
                new TableColumn(new Text(column.Name)) { Width = width, Alignment = column.IsNumber ? Justify.Right : Justify.Left }
            );
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        using var text = new StringWriter();
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(text),
            }
        );
        console.Profile.Width = widths.Sum() + Frame;
        console.Write(table);
        return [.. text.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(line => line.TrimEnd())];
    }

    private IEnumerable<string> Listed(int width)
    {
        var label = columns.Skip(1).Select(column => column.Name.Length).DefaultIfEmpty().Max();
        yield return "";
        foreach (var row in rows)
        {
            foreach (var line in Words.Wrapped(row[0], width))
                yield return line;
            foreach (var (column, cell) in columns.Zip(row).Skip(1).Where(pair => pair.Second.Length > 0))
            {
                var line = $"  {column.Name.PadRight(label)}  {cell}";
                foreach (var part in line.Length <= width ? [line] : Words.Wrapped($"  {column.Name}: {cell}", width))
                    yield return part;
            }
        }

        yield return "";
    }
}
