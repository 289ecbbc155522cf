using System.Globalization;
using Spectre.Console;

namespace TrainHarness.Cli.Terminal;

/// <summary>What standard output and standard error lead to, and how wide that is.</summary>
internal static class Screen
{
    private const int UsualWidth = 80;
    private const int UsualHeight = 24;

    /// <summary>Standard output as it is from <see cref="Open"/> on.</summary>
    public static PatientWriter Output { get; private set; } = new(Console.Out, () => null);

    /// <summary>
    /// Columns of standard output: of the terminal, or where it is none of COLUMNS; null where nothing says, as in a pipe.
    /// </summary>
    public static int? Width => WidthOf(Console.IsOutputRedirected);

    public static int? ErrorWidth => WidthOf(Console.IsErrorRedirected);

    /// <summary>Lines of the terminal.</summary>
    public static int Height => Size(() => Console.WindowHeight, UsualHeight);

    /// <summary>
    /// Whether lines that were written can be written over: on no dumb terminal, in no file and in no continuous integration.
    /// </summary>
    public static bool IsLive =>
        !Console.IsOutputRedirected
        && AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true }
        && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>From here on nothing that cannot be written ends the program, and lines are as long as the terminal is wide.</summary>
    public static void Open()
    {
        Console.SetOut(Output = new PatientWriter(Console.Out, () => Width));
        Console.SetError(new PatientWriter(Console.Error, () => ErrorWidth));
    }

    private static int? WidthOf(bool isRedirected) =>
        !isRedirected ? Size(() => Console.WindowWidth, UsualWidth)
        : int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns)
        && columns > 0
            ? columns
        : null;

    // A terminal that was closed, or one of no size, tells nothing.
    private static int Size(Func<int> ask, int otherwise)
    {
        try
        {
            return ask() is > 0 and var size ? size : otherwise;
        }
        catch (IOException)
        {
            return otherwise;
        }
    }
}
