using System.Runtime.InteropServices;
using System.Text;

namespace TrainHarness.Cli.Terminal;

/// <summary>Lines on a terminal that are drawn anew in their place twice a second until disposed. The last ones stay.</summary>
internal sealed class LiveLines : IDisposable
{
    private const string ToEndOfLine = "\e[K";
    private const string ToEndOfScreen = "\e[J";
    private const string WholeScreen = "\e[H\e[2J";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Func<int, int, IReadOnlyList<string>> draw;
    private readonly CancellationTokenSource stop = new();
    private readonly PosixSignalRegistration? continued;
    private readonly Task drawing;
    private (int Width, int Height) size;
    private int drawn;

    /// <param name="draw">Makes the lines for a width and a height; it gets one column and one line less than there are.</param>
    public LiveLines(Func<int, int, IReadOnlyList<string>> draw)
    {
        this.draw = draw;
        // The shell has written below since the program was suspended.
        continued = OperatingSystem.IsWindows()
            ? null
            : PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Interlocked.Exchange(ref drawn, 0));
        drawing = Task.Run(DrawUntilStopped);
    }

    public void Dispose()
    {
        stop.Cancel();
        drawing.GetAwaiter().GetResult();
        continued?.Dispose();
        stop.Dispose();
    }

    private async Task DrawUntilStopped()
    {
        while (!stop.IsCancellationRequested)
        {
            Draw();
            await Task.Delay(Interval, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        Draw();
    }

    private static string Up(int lines) => lines > 0 ? FormattableString.Invariant($"\e[{lines}A") : "";

    private void Draw()
    {
        var now = (Screen.Width ?? 0, Screen.Height);
        // A terminal folds what was written when it gets narrower, so that nobody knows how many lines it takes.
        var start = size != default && size != now ? WholeScreen : Up(drawn);
        size = now;
        var lines = draw(now.Item1 - 1, now.Height - 1);
        var text = new StringBuilder().Append('\r').Append(start);
        foreach (var line in lines)
            text.Append(line).Append(ToEndOfLine).Append('\n');
        Screen.Output.Write(text.Append(ToEndOfScreen).ToString());
        Interlocked.Exchange(ref drawn, lines.Count);
    }
}
