using System.Globalization;
using System.Text;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Cli.Clusters;

/// <summary>
/// The batch script of a job. It says what Slurm is to give, and then becomes the program: a signal that Slurm sends to the script
/// reaches the program so.
/// </summary>
/// <param name="study">Name of the study.</param>
/// <param name="threads">Of a trial.</param>
/// <param name="folder">Where scripts, manifests and logs lie, seen from every node.</param>
/// <param name="workingFolder">Where names of recipes and datasets are looked up.</param>
/// <param name="program">How the program is started; <see cref="Execution.ThisProgram"/>.</param>
internal sealed class SlurmScript(
    Cluster cluster,
    string study,
    int threads,
    string folder,
    string workingFolder,
    IReadOnlyList<string> program
)
{
    // What a report of ten thousand trials takes is a minute.
    private const int ReportMinutes = 30;

    /// <summary>What the queue calls a job of a study.</summary>
    public static string NameOf(string study, string job) => $"{study}.{job}";

    /// <summary>Of an array of trials, whose manifest lies beside it.</summary>
    public string OfTrials(PlannedJob job)
    {
        var throttle = cluster.ArrayParallelism is { } parallel ? Invariant($"%{parallel}") : "";
        List<string> options =
        [
            Invariant($"--array=0-{job.Trials.Count - 1}{throttle}"),
            .. Common(job.Name, "%A_%a"),
            .. cluster.Constraint is { } constraint ? (string[])[$"--constraint={constraint}"] : [],
            Invariant($"--cpus-per-task={cluster.CpusPerTask ?? threads}"),
            .. cluster.GpusPerNode > 0 ? (string[])[Invariant($"--gpus-per-node={cluster.GpusPerNode}")] : [],
            .. cluster.MemoryGigabytes is { } memory ? (string[])[$"--mem={Memory(memory)}"] : [],
            Invariant($"--time={cluster.TimeoutMinutes}"),
            Invariant($"--signal=B:USR1@{cluster.SignalDelaySeconds}"),
            "--requeue",
            .. cluster.AdditionalParameters.Select(option =>
                option.Value == "true" ? $"--{option.Option}" : $"--{option.Option}={option.Value}"
            ),
        ];
        return Text(options, ["study", "task", Path.Combine(folder, $"{job.Name}.json")]);
    }

    /// <summary>Of the report, which needs one processor of any node: nothing of what a trial asks of its node is asked for it.</summary>
    /// <param name="results">Folder of the study's results.</param>
    public string OfReport(PlannedJob job, string results)
    {
        List<string> options = [.. Common(job.Name, "%j"), "--cpus-per-task=1", Invariant($"--time={ReportMinutes}")];
        return Text(options, ["report", results]);
    }

    private IEnumerable<string> Common(string name, string log)
    {
        yield return $"--job-name={NameOf(study, name)}";
        if (cluster.Partition is { } partition)
            yield return $"--partition={partition}";
        if (cluster.Account is { } account)
            yield return $"--account={account}";
        if (cluster.Qos is { } qos)
            yield return $"--qos={qos}";
        yield return "--nodes=1";
        yield return "--ntasks=1";
        yield return $"--chdir={workingFolder}";
        // Slurm fills in what stands behind a percent sign.
        yield return $"--output={folder.Replace("%", "%%", StringComparison.Ordinal)}/{name}-{log}.log";
        // What a task said before it was requeued stays.
        yield return "--open-mode=append";
    }

    private string Text(IEnumerable<string> options, IEnumerable<string> arguments)
    {
        var text = new StringBuilder("#!/bin/bash\n");
        foreach (var option in options)
            text.Append(CultureInfo.InvariantCulture, $"#SBATCH {Quoted(option)}\n");
        text.Append("set -e\n");
        foreach (var line in cluster.Setup)
            text.Append(CultureInfo.InvariantCulture, $"{line}\n");
        text.Append(CultureInfo.InvariantCulture, $"exec {string.Join(' ', program.Concat(arguments).Select(ForShell))}\n");
        return text.ToString();
    }

    private static string Memory(double gigabytes) =>
        gigabytes % 1 == 0 ? Invariant($"{gigabytes:0}G") : Invariant($"{Math.Ceiling(gigabytes * 1024):0}M");

    // sbatch splits these lines as a shell does, and knows double quotes.
    private static string Quoted(string option)
    {
        var equals = option.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0 || !option.Any(letter => char.IsWhiteSpace(letter) || letter is '#' or '\''))
            return option;
        return option.AsSpan().IndexOfAny('"', '\\', '\n') < 0
            ? $"{option[..(equals + 1)]}\"{option[(equals + 1)..]}\""
            : throw new ConfigurationException(
                $"{option[(equals + 1)..]}: has a sign that a batch script cannot hold; allowed: a path without quotes."
            );
    }

    private static string ForShell(string word) =>
        word.All(letter => char.IsAsciiLetterOrDigit(letter) || "/._-+:,@%".Contains(letter, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
