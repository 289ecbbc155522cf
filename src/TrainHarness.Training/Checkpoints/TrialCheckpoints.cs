using TrainHarness.Files;
using TrainHarness.Results;
using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>
/// Saves a trial's state from time to time and finds the latest that is whole. The one before is kept, for the day that the latest is not.
/// </summary>
/// <param name="clock">Of the trial; goes on from what the checkpoint holds.</param>
/// <param name="tell">Takes lines for people: where the trial goes on, and what was wrong with a checkpoint.</param>
/// <param name="beforeRename">Runs before a checkpoint takes its place; what it throws keeps it from doing so.</param>
public sealed class TrialCheckpoints(
    ResultStore store,
    CheckpointOrigin origin,
    TimeSpan interval,
    TrialClock clock,
    Action<string> tell,
    Action beforeRename
)
{
    private long savedAt;
    private long savedStep;

    // A damaged one must not take the place of the one before it.
    private bool latestIsWhole = true;

    private string Latest => store.CheckpointFile(origin.Trial);

    private string Previous => store.PreviousCheckpointFile(origin.Trial);

    /// <summary>
    /// Refuses what <see cref="Restore(ISavedRun, Func{CheckpointHeader, string?})"/> would refuse later: a checkpoint that was made under
    /// other rules than the trial has now.
    /// </summary>
    /// <exception cref="ConfigurationException">It was. A checkpoint that cannot be read is none.</exception>
    public static void RequireRules(ResultStore store, string trialId, string configurationSha256)
    {
        foreach (var file in (string[])[store.CheckpointFile(trialId), store.PreviousCheckpointFile(trialId)])
        {
            if (TryReadOrigin(file) is { } origin && origin.ConfigurationSha256 != configurationSha256)
                throw Refused(file, CheckpointOrigin.OtherRules, null);
        }
    }

    /// <summary>Never goes back, whatever the machine's clock does.</summary>
    internal TimeProvider Time { private get; init; } = TimeProvider.System;

    internal bool IsDue => Time.GetElapsedTime(savedAt) >= interval;

    /// <summary>Saves the run where it has moved since the last time.</summary>
    /// <exception cref="IOException">It cannot be written; what was saved before is kept.</exception>
    internal void Save(ISavedRun run)
    {
        if (run.Step == savedStep)
            return;
        using var scope = NewDisposeScope();
        var (header, tensors) = (run.Describe(origin, clock), Tensors(run));
        AtomicFile.Write(Latest, stream => CheckpointFile.Write(stream, header, tensors), CheckpointFile.IsWhole, KeepLatest);
        latestIsWhole = true;
        savedStep = run.Step;
        savedAt = Time.GetTimestamp();
    }

    /// <summary>Puts the latest whole checkpoint into the run, if there is one.</summary>
    /// <param name="problem">What is wrong with a header; null where nothing is.</param>
    /// <exception cref="ConfigurationException">It belongs to something else.</exception>
    internal void Restore(ISavedRun run, Func<CheckpointHeader, string?> problem)
    {
        using var scope = NewDisposeScope();
        var from = Restore(run, problem, Latest) ?? Restore(run, problem, Previous);
        if (from is var (step, examples))
            tell(FormattableString.Invariant($"goes on from step {step} ({examples} examples)"));
        else if (File.Exists(Latest) || File.Exists(Previous))
            tell("starts over, as no checkpoint of it can be read");
        savedStep = from?.Step ?? 0;
        savedAt = Time.GetTimestamp();
    }

    private static CheckpointOrigin? TryReadOrigin(string file)
    {
        try
        {
            if (PlainFile.Length(file) is null or 0)
                return null;
            using var stream = File.OpenRead(file);
            // One that was altered says nothing about rules.
            if (!CheckpointFile.IsWhole(stream))
                return null;
            stream.Position = 0;
            return CheckpointFile.ReadHeader(stream).Origin;
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Until the new one has its place, the latest is the previous one.
    private void KeepLatest()
    {
        beforeRename();
        if (latestIsWhole && File.Exists(Latest))
            File.Move(Latest, Previous, overwrite: true);
    }

    private (long Step, long Examples)? Restore(ISavedRun run, Func<CheckpointHeader, string?> problem, string file)
    {
        if (!File.Exists(file))
            return null;
        using var stream = Whole(file);
        if (stream is null)
        {
            latestIsWhole &= file != Latest;
            return null;
        }

        try
        {
            var header = CheckpointFile.ReadHeader(stream);
            if (origin.Difference(header.Origin) is { } difference)
                throw Refused(file, difference, null);
            if (problem(header) is { } wrong)
                throw new InvalidDataException(wrong);
            Fill(run, header, stream);
            return (header.Step, header.Examples);
        }
        catch (InvalidDataException error)
        {
            throw Refused(file, error.Message, error);
        }
    }

    /// <summary>The file at its beginning; null where the disk does not give back what was written.</summary>
    private FileStream? Whole(string file)
    {
        FileStream? stream = null;
        try
        {
            // Opening a pipe would wait for its other end.
            stream = PlainFile.Length(file) > 0 ? File.OpenRead(file) : null;
            if (stream is not null && CheckpointFile.IsWhole(stream))
            {
                stream.Position = 0;
                return stream;
            }

            tell($"{file} is truncated or altered (its checksum differs) and is not used");
        }
        catch (IOException error)
        {
            tell($"{file} cannot be read ({error.Message}) and is not used");
        }

        stream?.Dispose();
        return null;
    }

    private static ConfigurationException Refused(string file, string why, Exception? error) =>
        new(
            $"{file}: the trial cannot go on from this checkpoint: {why}; go on where it was made, or remove "
                + $"{Path.GetDirectoryName(file)}.",
            error!
        );

    private static Dictionary<string, Tensor> Tensors(ISavedRun run)
    {
        var all = RandomGenerators.States(run.Device);
        foreach (var (part, state) in run.Parts)
        {
            foreach (var (name, tensor) in state.State)
                all.Add($"{part}.{name}", tensor);
        }

        return all;
    }

    private void Fill(ISavedRun run, CheckpointHeader header, Stream stream)
    {
        var tensors = Tensors(run);
        TensorFile.Load(tensors, stream);
        RandomGenerators.Restore(tensors, run.Device);
        foreach (var (_, state) in run.Parts)
            state.ResumeAfter(header.Step);
        if (run.Resume(header) is { } news)
            tell(news);
        clock.Resume(header.Started, header.Seconds, header.SuspendedSeconds, header.TrialsPerDevice);
    }
}
