using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Running;

namespace TrainHarness.Training;

/// <summary>Trials from code.</summary>
public static class TrialRuns
{
    extension(Trial)
    {
        /// <summary>
        /// Runs one trial of a study in this process, from the study file to record.json: the same measurement as <c>trainharness study
        /// run STUDY --trial ID</c>, in the same results folder, so that it stands in the same report. libtorch is loaded here. A trial
        /// that was stopped goes on from its checkpoint.
        /// </summary>
        /// <param name="study">Study file, or the name of a study in configs/studies.</param>
        /// <param name="trial">ENTRY/seed-N.</param>
        /// <param name="options">Null for all as it comes.</param>
        /// <param name="cancellation">Stops it with a checkpoint.</param>
        /// <returns>The record, also of a trial that was done before.</returns>
        /// <exception cref="ConfigurationException">
        /// The study, the trial or the device is not as it must be, or the baseline has not set the target yet.
        /// </exception>
        /// <exception cref="OperationCanceledException">It was stopped.</exception>
        public static Task<TrialRecord> Run(
            string study,
            string trial,
            TrialOptions? options = null,
            CancellationToken cancellation = default
        )
        {
            var request = Request(study, trial, options ??= new TrialOptions());
            // It computes for as long as it takes.
            return Task.Factory.StartNew(
                () => TrialRun.Run(request, new QuietHost(options.Progress, options.Tell), cancellation),
                cancellation,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            );
        }
    }

    private static TrialRequest Request(string studyName, string trialId, TrialOptions options)
    {
        var file = StudyFile.Find(studyName);
        var study = StudyReader.Read(file, options.Workloads.Vocabularies);
        var trial = study.Trials.FirstOrDefault(trial => trial.Id == trialId)
            ?? throw new ConfigurationException(
                $"{file}: unknown trial '{trialId}'; {NearNames.Allowed(trialId, study.Trials.Select(trial => trial.Id))}"
            );
        return new TrialRequest
        {
            Workload = options.Workloads.Of(study),
            Study = study,
            Trial = trial,
            Store = new ResultStore(Path.Combine(options.Results, study.Name)),
            Device = options.Device,
            Data = options.Data,
            CacheFolder = CacheFolder.Datasets,
        };
    }
}
