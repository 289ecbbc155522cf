using System.Runtime.ExceptionServices;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results.Validation;

namespace TrainHarness.Results;

/// <summary>
/// What is already measured of a study: trials that fit it, and the target that they set. What does not fit is refused, never mixed.
/// </summary>
public sealed class MeasuredStudy(Study study, ResultStore store)
{
    // What decides a measurement is the same for every seed of an entry.
    private readonly Dictionary<string, string> fingerprints = study.AllEntries.ToDictionary(
        entry => entry.Name,
        entry => TrialFingerprint.Of(study, entry)
    );

    /// <summary>The finished trial; null where it has still to run.</summary>
    /// <exception cref="ConfigurationException">It was measured under other rules.</exception>
    public TrialResult? Finished(Trial trial)
    {
        var done = store.Read(trial.Id);
        if (done is null)
            return null;
        if (StudyFit.ProtocolProblem(done.Record.Protocol, study) is { } otherProtocol)
            throw new ConfigurationException($"{store.TrialFolder(trial.Id)}: {otherProtocol}");
        return StudyFit.Problem(done.Record, study, fingerprints[trial.Entry.Name]) is { } problem
            ? throw Refused(trial.Id, problem)
            : done;
    }

    /// <summary>The finished trials of each entry, in the order of the seeds.</summary>
    /// <exception cref="ConfigurationException">One was measured under other rules, or cannot be read: the first of them.</exception>
    public IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> Results()
    {
        Trial[] trials = [.. study.AllEntries.SelectMany(entry => study.Seeds.Select(seed => new Trial(entry, seed)))];
        var read = new (TrialResult? Result, ConfigurationException? Error)[trials.Length];
        Parallel.For(0, trials.Length, index => read[index] = TryFinished(trials[index]));
        if (Array.Find(read, trial => trial.Error is not null).Error is { } error)
            ExceptionDispatchInfo.Throw(error);
        return study
            .AllEntries.Index()
            .ToDictionary(
                pair => pair.Item.Name,
                pair =>
                    (IReadOnlyList<TrialResult>)
                        [
                            .. read.Skip(pair.Index * study.Seeds.Count)
                                .Take(study.Seeds.Count)
                                .Select(trial => trial.Result)
                                .OfType<TrialResult>(),
                        ]
            );
    }

    /// <summary>
    /// The threshold that was given, that was frozen, or that the baseline's finished trials set: the worst final metric among them,
    /// so that each of them reached it. Null while a seed of the baseline has still to run, where one diverged, and for a scan.
    /// </summary>
    public double? Threshold()
    {
        if (study.ScanOf is not null)
            return null;
        if (!study.Target.FromBaseline)
            return study.Target.Threshold;
        var baseline = study.Seeds.Select(seed => Finished(new Trial(study.Baseline, seed))).ToList();
        if (baseline.Exists(trial => trial is not null) && Frozen() is { } frozen)
            return frozen;
        return baseline.TrueForAll(trial => trial is { Record.Outcome: Outcome.Completed, FinalMetric: not null })
            ? study.Target.Metric.WorstOf(baseline.Select(trial => trial!.FinalMetric!.Value))
            : null;
    }

    /// <summary>A finished trial of the baseline that sets no target, so that there will be none; null while there is none such.</summary>
    public TrialResult? FailedBaseline() =>
        study
            .Seeds.Select(seed => Finished(new Trial(study.Baseline, seed)))
            .FirstOrDefault(trial => trial is { Record.Outcome: not Outcome.Completed });

    /// <summary>Refuses trials that ran against another target than <paramref name="threshold"/>.</summary>
    public void RequireTarget(double threshold) => RequireTarget(threshold, Results());

    /// <param name="results">The trials, as <see cref="Results"/> gave them.</param>
    public void RequireTarget(double threshold, IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> results)
    {
        foreach (var done in study.Entries.SelectMany(entry => results[entry.Name]))
        {
            if (done.Record.Target.Threshold != threshold)
                throw Refused(done.Record.Id, "measured against another target than the study has now");
        }
    }

    /// <summary>
    /// Refuses trials that were measured on other pixels or labels. A record that cannot be read says nothing of them, and keeps no other
    /// trial from its own.
    /// </summary>
    public void RequireData(string packSha256)
    {
        foreach (var trial in study.Trials)
        {
            if (TryFinished(trial).Result is { } done && done.Record.Dataset.PackSha256 != packSha256)
                throw OtherData(done.Record);
        }
    }

    /// <summary>
    /// The same by one record, the first that can be read: whoever wrote one has compared it with one that was there, so that all of them
    /// are alike. A trial need not read what a thousand others have left.
    /// </summary>
    public void RequireDataOfTheFirst(string packSha256)
    {
        var first = study.Trials.Select(trial => TryFinished(trial).Result).FirstOrDefault(done => done is not null);
        if (first is { Record: var record } && record.Dataset.PackSha256 != packSha256)
            throw OtherData(record);
    }

    /// <summary>Refuses a folder whose trials were measured by another protocol than the study's: no study mixes two.</summary>
    public void RequireProtocol()
    {
        if (TryWritten() is { } before && StudyFit.ProtocolProblem(before.Protocol, study) is { } problem && HoldsRecords())
            throw new ConfigurationException($"{store.Folder}: {problem}");
    }

    /// <summary>Writes the resolved study, with the threshold as far as it is known.</summary>
    public void WriteStudy()
    {
        RequireProtocol();
        var before = TryWritten();
        if (before is not null && before.ScanOf != study.ScanOf)
            throw new ConfigurationException(
                $"{store.Folder}: holds {(before.ScanOf is null ? "a study" : $"the scan of {before.ScanOf}")} and not "
                    + $"{(study.ScanOf is null ? "this study" : $"the scan of {study.ScanOf}")}; give the study another name, or "
                    + $"remove that folder."
            );
        AtomicFile.RemoveAbandonedLongAgo(store.Folder);
        AtomicFile.RemoveAbandonedLongAgo(Path.Combine(store.Folder, "figures"));
        AtomicFile.Write(
            store.StudyFile,
            StudyWriter.ToYaml(study with { Target = study.Target with { Threshold = Threshold() ?? FrozenByOtherSeeds(before) } })
        );
    }

    private Study? Written() => PlainFile.Exists(store.StudyFile) ? StudyReader.ReadResolved(store.StudyFile) : null;

    // One that cannot be read is written anew: where a target is taken from it, that was refused already.
    private Study? TryWritten()
    {
        try
        {
            return Written();
        }
        catch (ConfigurationException)
        {
            return null;
        }
    }

    /// <summary>Frozen by this study's own baseline; another baseline's threshold is no target.</summary>
    private double? Frozen() => Frozen(Written());

    /// <summary>While other seeds of the baseline that set it lie here: the study may ask for them again.</summary>
    private double? FrozenByOtherSeeds(Study? before)
    {
        var baseline = new DirectoryInfo(Path.Combine(store.Folder, study.Baseline.Name));
        return
            baseline.Exists
            && baseline.EnumerateFiles("record.json", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }).Any()
            ? Frozen(before)
            : null;
    }

    private double? Frozen(Study? before) =>
        before is not null && TrialFingerprint.Of(before, before.Baseline) == TrialFingerprint.Of(study, study.Baseline)
            ? before.Target.Threshold
            : null;

    private (TrialResult? Result, ConfigurationException? Error) TryFinished(Trial trial)
    {
        try
        {
            return (Finished(trial), null);
        }
        catch (ConfigurationException error)
        {
            return (null, error);
        }
    }

    private bool HoldsRecords() =>
        new DirectoryInfo(store.Folder)
            .EnumerateFiles("record.json", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 })
            .Any();

    private ConfigurationException OtherData(TrialRecord record) =>
        Refused(record.Id, $"measured on other data than {record.Dataset.Name} holds now");

    private ConfigurationException Refused(string trialId, string why) =>
        new($"{store.TrialFolder(trialId)}: {why}; give the study another name, or remove that folder.");
}
