using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Clusters;
using TrainHarness.Cli.Execution;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training;

namespace TrainHarness.Cli.Commands;

/// <summary><c>study submit FILE</c>: gives the trials of a study to a cluster.</summary>
internal static class SubmitCommand
{
    private sealed record Answer(string Study, string Executor, string? Folder, IReadOnlyList<AnsweredJob> Jobs);

    /// <param name="Id">Null where nothing was submitted.</param>
    private sealed record AnsweredJob(string Name, string? Id, IReadOnlyList<string> Trials, IReadOnlyList<string> Options, string Script);

    public static Command Create(WorkloadCatalog workloads)
    {
        var options = new RunOptions();
        var executor = new Option<string>("--executor")
        {
            Description = "Who runs the trials: slurm; or kubernetes, with --dry-run.",
            HelpName = "NAME",
            Required = true,
        };
        executor.AcceptOnlyFromAmong("slurm", "kubernetes");
        var cluster = new Option<string>("--cluster")
        {
            Description = "Cluster file, or the name of one in configs/clusters.",
            HelpName = "FILE",
            Required = true,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be submitted. Writes and submits nothing." };
        var missing = new Option<bool>("--missing") { Description = "Submit what is neither done nor in the queue, beside what is in it." };
        var device = new Option<string?>("--device")
        {
            Description = "cpu or cuda; without it cuda where the cluster file asks for a GPU, and else cpu.",
            HelpName = "NAME",
        };
        device.AcceptOnlyFromAmong("cpu", "cuda");
        var command = new Command(
            "submit",
            "Gives the trials of a study that are not done to a cluster: the baseline first, "
                + "the others after it, and the report after all.\n\n"
                + "Example: trainharness study submit imagenette-96-cpu --executor slurm --cluster slurm-gpu --dry-run"
        )
        {
            options.File,
            executor,
            cluster,
            dryRun,
            missing,
            device,
            options.Data,
            options.Results,
            options.Json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var asked = ClusterReader.Read(ClusterFile.Find(parsed.GetValue(cluster)!));
                var request = new StudyRequest(
                    "run",
                    StudyFile.Find(parsed.GetValue(options.File)!),
                    parsed.GetValue(device) ?? (asked.GpusPerNode > 0 ? "cuda" : "cpu"),
                    NamedPlace.Data(parsed.GetValue(options.Data)),
                    parsed.GetValue(options.Results)!,
                    Parallel: 1
                );
                var study = StudyReader.Read(request.File, workloads.Vocabularies);
                var store = new ResultStore(Path.Combine(request.ResultsFolder, study.Name));
                StudyCheck.RequireRunnable(workloads.Of(study), study, store, request);
                StudySubmission.RequireProcessors(study, asked);
                if (parsed.GetValue(executor) == "kubernetes")
                    return ShowKubernetes(study, store, asked, request.Device, parsed.GetValue(dryRun) && !parsed.GetValue(options.Json));
                var submission = new StudySubmission(study, store, request, asked);
                var jobs = await submission.Plan(parsed.GetValue(missing), cancellation);
                var isDry = parsed.GetValue(dryRun);
                var given = isDry || jobs.Count == 0 ? null : await submission.Submit(jobs, cancellation);
                if (parsed.GetValue(options.Json))
                {
                    CommonOptions.WriteJson(
                        new Answer(
                            study.Name,
                            "slurm",
                            given is null ? null : submission.Folder,
                            [.. jobs.Select(job => Answered(job, given))]
                        )
                    );
                    return ExitStatus.Done;
                }

                if (jobs.Count == 0)
                    Console.Out.WriteLine($"{study.Name}: every trial is done or in the queue; nothing is submitted.");
                else if (given is null)
                    Show(jobs, submission.Folder);
                else
                    Tell(study, jobs, given, submission.Folder, request.File, isPart: parsed.GetValue(missing));
                return ExitStatus.Done;
            }
        );
        return command;
    }

    /// <summary>Kubernetes takes a job as a file.</summary>
    private static int ShowKubernetes(Study study, ResultStore store, Cluster cluster, string device, bool isText)
    {
        if (!isText)
            throw new ConfigurationException(
                "--executor kubernetes: writes a job and submits nothing; allowed: --dry-run without "
                    + "--json, for kubectl apply --filename -."
            );
        var measured = new MeasuredStudy(study, store);
        List<Trial> missing = [.. study.Trials.Where(trial => measured.Finished(trial) is null)];
        Console.Out.Write(
            missing.Count == 0
                ? $"# {study.Name}: every trial is done.\n"
                : KubernetesJob.Of(study, missing, cluster, device, DateTimeOffset.UtcNow)
        );
        return ExitStatus.Done;
    }

    private static AnsweredJob Answered(ScriptedJob job, Submission? given) =>
        new(
            job.Job.Name,
            given?.Jobs.First(submitted => submitted.Name == job.Job.Name).Id,
            [.. job.Job.Trials.Select(trial => trial.Id)],
            job.Options,
            job.Script
        );

    private static void Show(IReadOnlyList<ScriptedJob> jobs, string folder)
    {
        foreach (var job in jobs)
        {
            var options = string.Concat(job.Options.Select(option => $"{option} "));
            Console.Out.Write($"# {Count(job.Job.Trials.Count)}: sbatch {options}{Path.Combine(folder, job.Job.Name)}.sh\n{job.Script}\n");
            foreach (var (index, trial) in job.Job.Trials.Index())
                Console.Out.Write(string.Create(CultureInfo.InvariantCulture, $"# {index} {trial.Id}\n"));
            Console.Out.Write("\n");
        }
    }

    /// <param name="isPart">Whether people will want to know which trials these are.</param>
    private static void Tell(Study study, IReadOnlyList<ScriptedJob> jobs, Submission given, string folder, string file, bool isPart)
    {
        foreach (var (job, planned) in given.Jobs.Zip(jobs))
        {
            Console.Out.WriteLine($"{study.Name}: {Count(job.Trials)} {(job.Trials > 1 ? "are" : "is")} job {job.Id} ({job.Name})");
            foreach (var trial in isPart ? planned.Job.Trials : [])
                Console.Out.WriteLine($"  {trial.Id}");
        }

        Console.Out.WriteLine(
            $"Scripts and logs: {folder}. How far it is: trainharness study status {file}. To end it: trainharness study cancel {file}."
        );
    }

    private static string Count(int trials) =>
        trials switch
        {
            0 => "the report",
            1 => "1 trial",
            _ => string.Create(CultureInfo.InvariantCulture, $"{trials} trials"),
        };
}
