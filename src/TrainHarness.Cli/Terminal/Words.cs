namespace TrainHarness.Cli.Terminal;

/// <summary>Fits text into columns. It breaks between words only: a number or a name that is broken is read as another one.</summary>
internal static class Words
{
    private const int Indentation = 2;

    /// <summary>The lines of one line; a word that is longer than the width has a line of its own, and is longer than the width.</summary>
    public static IEnumerable<string> Wrapped(string line, int width)
    {
        if (line.Length <= width)
            return [line];
        var indent = line.TakeWhile(character => character == ' ').Count() + Indentation;
        indent = indent < width / 2 ? indent : 0;
        return Broken(line.TrimEnd(), width, new string(' ', indent));
    }

    /// <summary>The same with its middle left out where it is too long, so that its end, which tells seeds apart, stays.</summary>
    public static string Shortened(string name, int width)
    {
        if (name.Length <= width)
            return name;
        var end = (width - 1) / 2;
        return width < 3 ? name[..Math.Max(0, width)] : $"{name[..(width - 1 - end)]}…{name[^end..]}";
    }

    private static IEnumerable<string> Broken(string line, int width, string indent)
    {
        // What the line begins with is no place to break it.
        var from = line.TakeWhile(character => character == ' ').Count();
        while (line.Length > width)
        {
            var at = line.LastIndexOf(' ', width, Math.Max(0, width - from));
            if (at <= from)
                at = line.IndexOf(' ', Math.Min(line.Length - 1, Math.Max(width, from)));
            if (at < 0)
                break;
            yield return line[..at].TrimEnd();
            line = indent + line[at..].TrimStart();
            from = indent.Length;
        }

        yield return line;
    }
}
