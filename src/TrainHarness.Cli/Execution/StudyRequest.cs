namespace TrainHarness.Cli.Execution;

/// <summary>What the command line asks of a study run, besides the study itself.</summary>
/// <param name="Verb">The command under <c>study</c> whose trials these are: <c>run</c> or <c>scan</c>.</param>
/// <param name="Data">Where the dataset lies; null leaves it to the dataset file.</param>
/// <param name="Parallel">Trials at a time.</param>
/// <param name="PerDevice">Trials that may share one device.</param>
internal sealed record StudyRequest(
    string Verb,
    string File,
    string Device,
    string? Data,
    string ResultsFolder,
    int Parallel,
    int PerDevice = 1
)
{
    /// <summary>Whether a cluster runs it, which may run other jobs on the same processors.</summary>
    public bool IsTask { get; init; }

    public string? DataPath => Data is null ? null : Path.GetFullPath(Data);
}
