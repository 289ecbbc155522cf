using Serilog;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Formatting.Compact;
using TrainHarness.Files;

namespace TrainHarness.Cli.Execution;

/// <summary>
/// A trial's log.jsonl. That it cannot be written is said once and costs nothing but the log: what is measured is in other files.
/// </summary>
internal sealed class TrialLog : IDisposable
{
    private readonly string file;
    private readonly Action<string> tell;
    private readonly Logger logger;
    private int told;

    /// <param name="tell">Takes a line for people.</param>
    public TrialLog(string file, Action<string> tell)
    {
        this.file = file;
        this.tell = tell;
        SelfLog.Enable(Tell);
        RemoveForeign();
        logger = new LoggerConfiguration().WriteTo.File(new CompactJsonFormatter(), file, buffered: false).CreateLogger();
    }

    public ILogger Lines => logger;

    public void Dispose()
    {
        try
        {
            logger.Dispose();
        }
        catch (Exception error) when (error is IOException || WriteFailure.Named(file, error) is not null)
        {
            // A full disk shows when the last lines are to be written.
            Tell((WriteFailure.Named(file, error) ?? error).Message);
        }
        finally
        {
            SelfLog.Disable();
        }
    }

    // A link would have what it leads to written, and a pipe or a device is no log.
    private void RemoveForeign()
    {
        try
        {
            if (new FileInfo(file) is var found && (found.LinkTarget is not null || found is { Exists: true, Length: 0 }))
                found.Delete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Tell(error.Message);
        }
    }

    private void Tell(string why)
    {
        if (Interlocked.Exchange(ref told, 1) == 0)
            tell($"{file} cannot be written, and the trial goes on without it: {why.ReplaceLineEndings(" ").Trim()}");
    }
}
