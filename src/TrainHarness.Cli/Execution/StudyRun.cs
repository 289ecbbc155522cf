using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Data;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Native;

namespace TrainHarness.Cli.Execution;

/// <summary>A trial whose process died, and its last word.</summary>
internal sealed record TrialFailure(string Trial, string Reason);

/// <summary>Runs what is missing of a study: the baseline first, then, with its target, every other trial; one process per trial.</summary>
internal sealed class StudyRun(Study study, ResultStore store, StudyRequest request)
{
    /// <param name="output">For the lines that people watch.</param>
    public async Task<IReadOnlyList<TrialFailure>> Run(TextWriter output, CancellationToken cancellation)
    {
        CheckBeforeWriting();
        using var display = StudyDisplay.For(study, output);
        PreparePack(display, cancellation);
        WriteStudy(store.FrozenThreshold());
        var setsTarget = study.Target.FromBaseline && store.FrozenThreshold() is null;
        var failures = new List<TrialFailure>();
        if (setsTarget)
        {
            failures.AddRange(await RunMissing(study.Trials.Where(trial => trial.Entry == study.Baseline), display, cancellation));
            if (BaselineThreshold() is not { } threshold)
                return [.. failures, .. WaitingForBaseline()];
            WriteStudy(threshold);
        }

        failures.AddRange(await RunMissing(study.Trials.Where(trial => !setsTarget || trial.Entry != study.Baseline), display, cancellation));
        return failures;
    }

    /// <summary>All that can be refused is refused here, with nothing written.</summary>
    private void CheckBeforeWriting()
    {
        if (request.Device != "cpu")
        {
            TorchLibrary.Load();
            ComputeDevice.Parse(request.Device);
        }

        DatasetPreparation.Check(study.Dataset, study.Subset, request.DataPath);
        foreach (var trial in study.Trials)
        {
            if (store.Read(trial.Id) is { } done && done.Record.ConfigurationSha256 != TrialFingerprint.Of(study, trial.Entry))
                throw new ConfigurationException($"{request.File}: {store.TrialFolder(trial.Id)} was measured under other rules than this study has now; give the study another name, or remove that folder.");
        }
    }

    /// <summary>Decodes the dataset once, and makes sure that what is done was measured on the same data.</summary>
    private void PreparePack(StudyDisplay display, CancellationToken cancellation)
    {
        using var pack = DatasetPreparation.OpenOrCreate(
            study.Dataset, study.Subset, study.PackSize, request.DataPath, DatasetPreparation.DefaultCacheFolder, verify: true, display.Packing, cancellation);
        foreach (var trial in study.Trials)
        {
            if (store.Read(trial.Id) is { } done && done.Record.Dataset.PackSha256 != pack.Fingerprint)
                throw new ConfigurationException($"{store.TrialFolder(trial.Id)}: measured on other data than {study.Dataset.Name} holds now (packSha256 differs); give the study another name, or remove that folder.");
        }
    }

    private void WriteStudy(double? threshold) =>
        AtomicFile.Write(store.StudyFile, StudyWriter.ToYaml(study with { Target = study.Target with { Threshold = study.Target.Threshold ?? threshold } }));

    /// <summary>The smallest final metric among the baseline's seeds, so that each of them reached it; null while one is missing or diverged.</summary>
    private double? BaselineThreshold()
    {
        var finished = study.Seeds.Select(seed => store.Read(new Trial(study.Baseline, seed).Id)).ToList();
        return finished.TrueForAll(trial => trial is { Record.Outcome: Outcome.Completed, FinalMetric: not null })
            ? finished.Min(trial => trial!.FinalMetric)
            : null;
    }

    private IEnumerable<TrialFailure> WaitingForBaseline() => study.Seeds
        .Select(seed => new Trial(study.Baseline, seed).Id)
        .Where(id => store.Read(id) is { Record.Outcome: Outcome.Diverged })
        .Select(id => new TrialFailure(id, "the baseline diverged, so there is no target."));

    private async Task<IReadOnlyList<TrialFailure>> RunMissing(IEnumerable<Trial> trials, StudyDisplay display, CancellationToken cancellation)
    {
        var failures = new List<TrialFailure>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = request.Parallel, CancellationToken = cancellation };
        await Parallel.ForEachAsync(trials, options, async (trial, stop) =>
        {
            if (store.Read(trial.Id) is { } done)
            {
                display.Finished(trial, done.Record.Outcome);
                return;
            }

            display.Started(trial);
            var reason = await TrialProcess.Run(trial, request, progress => display.Progress(trial, progress), stop);
            if (reason is null && store.Read(trial.Id) is { } result)
            {
                display.Finished(trial, result.Record.Outcome);
                return;
            }

            display.Failed(trial);
            lock (failures)
                failures.Add(new TrialFailure(trial.Id, reason ?? "its process ended without a record."));
        });
        return failures;
    }
}
