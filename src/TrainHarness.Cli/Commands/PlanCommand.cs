using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Results;
using TrainHarness.Training;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Cli.Commands;

/// <summary><c>study plan FILE</c>: what a study would cost, before it runs.</summary>
internal static class PlanCommand
{
    public static Command Create(WorkloadCatalog workloads)
    {
        var options = new RunOptions();
        var command = new Command(
            "plan",
            "Lists the trials of a study with what each would cost at most: multiply-adds, time (from steps measured now) and disk. "
                + "Runs and writes nothing.\n\nExample: trainharness study plan imagenette-96-cpu --data imagenette2-160.tgz"
        )
        {
            options.File,
            options.Device,
            options.Data,
            options.Results,
            options.Json,
        };
        command.SetAction(parsed =>
        {
            var request = options.Request(parsed, "plan");
            var study = StudyReader.Read(request.File, workloads.Vocabularies);
            workloads.Of(study).CheckOwn(study);
            var store = new ResultStore(Path.Combine(request.ResultsFolder, study.Name));
            var plan = StudyPlan.Of(
                workloads.Of(study),
                study,
                store,
                request,
                parsed.GetValue(options.Json) ? Console.Error : Console.Out,
                StepSample.Of
            );
            if (parsed.GetValue(options.Json))
                CommonOptions.WriteJson(plan);
            else
                Show(plan);
            foreach (var finding in ScannedRates.Findings(workloads.Of(study), study, store))
                Console.Error.WriteLine(finding);
            return ExitStatus.Done;
        });
        return command;
    }

    private static void Show(StudyPlan plan)
    {
        var table = new TextTable(
            new("trial"),
            new("state"),
            Column.Number("epochs"),
            Column.Number("examples"),
            Column.Number("multiply-adds"),
            Column.Number("s per step"),
            Column.Number("time")
        );
        foreach (var trial in plan.Trials)
        {
            table.Add(
                trial.Id,
                trial.IsDone ? "done" : "pending",
                trial.Epochs.ToString(CultureInfo.InvariantCulture),
                trial.ExamplesAtMost?.ToString(CultureInfo.InvariantCulture) ?? Shown.Unknown,
                Shown.Macs(trial.TrainingMacsAtMost),
                Shown.Number(trial.SecondsPerStep, "0.0000"),
                Shown.Duration(trial.SecondsAtMost)
            );
        }

        table.Write();
        if (plan.PackBytes is not { } packBytes)
        {
            Console.Out.WriteLine("Nothing is pending: every trial is done, and stands here with what it took.");
            return;
        }

        Console.Out.WriteLine(
            $"What is pending, every schedule run to its end: {Shown.Macs(plan.TrainingMacsAtMost)} training multiply-adds, "
                + $"{Shown.Duration(plan.SecondsAtMost)} on this machine, one trial after the other. A trial that reaches the target "
                + $"ends sooner."
        );
        var free = plan.FreeBytes is { } bytes ? $"; {Shown.Bytes(bytes)} are free" : "";
        Console.Out.WriteLine(
            plan.PackIsReady == true
                ? $"The packed dataset is ready ({Shown.Bytes(packBytes)}{free})."
                : $"The packed dataset will take {Shown.Bytes(packBytes)} in the cache{free}."
        );
        if (plan is { IsBusy: true, ProcessorsTakenByOthers: { } others })
        {
            Console.Out.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"This machine is busy: other processes took {others:0.0} of its {Environment.ProcessorCount} processors while "
                        + $"steps were measured. "
                ) + "On an idle one all of this takes less time."
            );
        }
    }
}
