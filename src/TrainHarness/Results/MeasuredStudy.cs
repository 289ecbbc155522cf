using TrainHarness.Protocol;

namespace TrainHarness.Results;

/// <summary>What is already measured of a study: trials that fit it, and the target that they set. What does not fit is refused, never mixed.</summary>
public sealed class MeasuredStudy(Study study, ResultStore store)
{
    /// <summary>The finished trial; null where it has still to run.</summary>
    /// <exception cref="ConfigurationException">It was measured under other rules.</exception>
    public TrialResult? Finished(Trial trial)
    {
        var done = store.Read(trial.Id);
        return done is null || done.Record.ConfigurationSha256 == TrialFingerprint.Of(study, trial.Entry)
            ? done
            : throw Refused(trial, "measured under other rules than the study has now");
    }

    /// <summary>The finished trials of each entry, in the order of the seeds.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<TrialResult>> Results() => study.AllEntries.ToDictionary(
        entry => entry.Name,
        entry => (IReadOnlyList<TrialResult>)[.. study.Seeds.Select(seed => Finished(new Trial(entry, seed))).OfType<TrialResult>()]);

    /// <summary>
    /// The threshold that was given, that was frozen, or that the baseline's finished trials set: the smallest final metric among them,
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
            ? baseline.Min(trial => trial!.FinalMetric)
            : null;
    }

    /// <summary>Refuses trials that ran against another target than <paramref name="threshold"/>.</summary>
    public void RequireTarget(double threshold)
    {
        foreach (var trial in study.Trials.Where(trial => trial.Entry != study.Baseline))
        {
            if (Finished(trial) is { } done && done.Record.Target.Threshold != threshold)
                throw Refused(trial, "measured against another target than the study has now");
        }
    }

    /// <summary>Refuses trials that were measured on other pixels or labels.</summary>
    public void RequireData(string packSha256)
    {
        foreach (var trial in study.Trials)
        {
            if (Finished(trial) is { } done && done.Record.Dataset.PackSha256 != packSha256)
                throw Refused(trial, $"measured on other data than {study.Dataset.Name} holds now");
        }
    }

    /// <summary>Writes the resolved study, with the threshold as far as it is known.</summary>
    public void WriteStudy() =>
        AtomicFile.Write(store.StudyFile, StudyWriter.ToYaml(study with { Target = study.Target with { Threshold = Threshold() } }));

    /// <summary>Frozen by this study's own baseline; another baseline's threshold is no target.</summary>
    private double? Frozen()
    {
        if (!File.Exists(store.StudyFile))
            return null;
        var before = StudyReader.Read(store.StudyFile, workload: null);
        return TrialFingerprint.Of(before, before.Baseline) == TrialFingerprint.Of(study, study.Baseline) ? before.Target.Threshold : null;
    }

    private ConfigurationException Refused(Trial trial, string why) =>
        new($"{store.TrialFolder(trial.Id)}: {why}; give the study another name, or remove that folder.");
}
