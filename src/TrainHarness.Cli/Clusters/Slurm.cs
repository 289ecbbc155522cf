using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using TrainHarness.Files;

namespace TrainHarness.Cli.Clusters;

/// <summary>A job, or a task of an array, that Slurm has in its queue.</summary>
/// <param name="Job">Number of the job, of an array the one that all its tasks share.</param>
/// <param name="Index">Of the task; null where the job is no array.</param>
/// <param name="State">As squeue says it: PENDING, RUNNING, SUSPENDED, ….</param>
/// <param name="Node">Where it runs; null where it does not.</param>
/// <param name="Reason">Why it waits; null where squeue says none.</param>
/// <param name="Name">Of the job.</param>
internal sealed record QueuedTask(string Job, int? Index, string State, string? Node, string? Reason, string Name)
{
    /// <summary>As a dependency names it.</summary>
    public string Id => Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"{Job}_{index}") : Job;
}

/// <summary>
/// Slurm by its own commands, which are the same on every cluster. Nothing is asked of its accounting, which many have not.
/// </summary>
internal static class Slurm
{
    private const int DefaultLongestArray = 1001;

    // 128 and the number of SIGTERM.
    private const int Terminated = 143;

    // Of many ids in one command the line would become too long.
    private const int MostAtOnce = 500;

    /// <param name="options">Besides those of the script.</param>
    /// <returns>Number of the job.</returns>
    /// <exception cref="IOException">Slurm refuses it.</exception>
    /// <exception cref="ConfigurationException">There is no Slurm here.</exception>
    public static async Task<string> Submit(string script, IEnumerable<string> options, CancellationToken cancellation)
    {
        var answer = await Run("sbatch", ["--parsable", .. options, script], cancellation);
        // A federation adds the name of the cluster.
        return answer.Output.Trim().Split(';')[0];
    }

    /// <summary>What of these jobs is still in the queue, task by task.</summary>
    /// <exception cref="IOException">Slurm does not answer.</exception>
    /// <exception cref="ConfigurationException">There is no Slurm here.</exception>
    public static async Task<IReadOnlyList<QueuedTask>> Queued(IReadOnlyCollection<string> jobs, CancellationToken cancellation)
    {
        var tasks = new List<QueuedTask>();
        foreach (var some in jobs.Chunk(MostAtOnce))
        {
            string[] arguments = ["--noheader", "--array", "--format=%i|%T|%N|%r|%j", $"--jobs={string.Join(',', some)}"];
            var answer = await Run("squeue", arguments, cancellation, mayFail: true);
            // Where all of them have left the queue, Slurm calls the first one invalid.
            if (answer.Status != 0 && !answer.Error.Contains("Invalid job id", StringComparison.Ordinal))
                throw Failed("squeue", answer);
            tasks.AddRange(answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).OfType<QueuedTask>());
        }

        return tasks;
    }

    /// <exception cref="IOException">Slurm refuses it.</exception>
    public static async Task Cancel(IReadOnlyCollection<string> jobs, CancellationToken cancellation)
    {
        foreach (var some in jobs.Chunk(MostAtOnce))
            await Run("scancel", some, cancellation);
    }

    /// <summary>
    /// Puts a task back into the queue. Slurm ends what runs in it at once, and that may be the command that asked for it.
    /// </summary>
    /// <exception cref="IOException">Slurm refuses it.</exception>
    public static async Task Requeue(string task, CancellationToken cancellation)
    {
        var answer = await Run("scontrol", ["requeue", task], cancellation, mayFail: true);
        if (answer.Status is not (0 or Terminated))
            throw Failed("scontrol", answer);
    }

    /// <summary>How many tasks an array may have here; what Slurm has by itself where it does not say.</summary>
    public static async Task<int> LongestArray(CancellationToken cancellation)
    {
        string output;
        try
        {
            output = (await Run("scontrol", ["show", "config"], cancellation, mayFail: true)).Output;
        }
        catch (ConfigurationException)
        {
            // A script can be looked at where there is no Slurm.
            return DefaultLongestArray;
        }

        var line = output.Split('\n').FirstOrDefault(line => line.StartsWith("MaxArraySize", StringComparison.Ordinal));
        // It is one more than the largest index.
        return
            int.TryParse(
                line?.Split('=')[^1],
                NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture,
                out var most
            )
            && most > 1
            ? most
            : DefaultLongestArray;
    }

    private static QueuedTask? Parse(string line)
    {
        if (line.Split('|') is not [var id, var state, var node, var reason, var name])
            return null;
        var parts = id.Trim().Split('_');
        int? index =
            parts.Length > 1 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        return new QueuedTask(parts[0], index, state, node.Length > 0 ? node : null, reason is "" or "None" ? null : reason, name);
    }

    private static async Task<(int Status, string Output, string Error)> Run(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellation,
        bool mayFail = false
    )
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // sbatch prefers such a variable to the same option of a script.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("SBATCH_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        try
        {
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
            await process.WaitForExitAsync(cancellation);
            var answer = (process.ExitCode, await output, await error);
            return process.ExitCode == 0 || mayFail ? answer : throw Failed(program, answer);
        }
        catch (Win32Exception error)
        {
            throw new ConfigurationException(
                $"{program}: cannot be started ({error.Message}); allowed: a machine that has Slurm's "
                    + $"commands. To see what would be submitted: --dry-run.",
                error
            );
        }
    }

    private static IOException Failed(string program, (int Status, string Output, string Error) answer) =>
        new($"{program} ended with exit status {answer.Status}: {answer.Error.Trim().ReplaceLineEndings(" ")}");
}
