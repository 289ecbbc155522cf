using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Checkpoints;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using static TorchSharp.torch;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>
/// With <c>deterministic: true</c>, a trial gives the same weights twice, bit for bit, and one that was stopped and resumed gives them too.
/// </summary>
internal static class ResumeCheck
{
    private const string Name = "resume";
    private const int StopAfterSteps = 7;

    public static Check Check { get; } = new(Name, "the same bits twice, and after a stop and a resume", 60, Run);

    // Dropout; batch normalisation; mixed precision in the other layout; dropped branches and an average; adaptive pooling, the baseline's.
    private static readonly (string Architecture, int Side, Recipe Recipe)[] Cases =
    [
        ("squeezenet1_1", 64, ShapesTrial.Recipe),
        ("shufflenet_v2_x1_0", 32, ShapesTrial.Recipe),
        ("resnet18", 32, ShapesTrial.Recipe with { Precision = Precision.Bf16, MemoryFormat = MemoryFormat.ChannelsLast }),
        ("efficientnet_b0", 32, ShapesTrial.Recipe with { Precision = Precision.Bf16, AverageDecay = 0.99, GradientClip = 1 }),
        ("alexnet", 96, ShapesTrial.Recipe),
    ];

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        foreach (var (architecture, side, recipe) in request.IsTiny ? Cases[..2] : Cases)
        {
            using var folder = new ScratchFolder();
            var trial = new ShapesTrial
            {
                Device = request.Device,
                Side = side,
                TrainPerClass = request.IsTiny ? 32 : 64,
                Deterministic = true,
                EvaluateEveryExamples = 100,
            };
            using var pack = trial.Pack(folder["cache"]);
            var plan = trial.Plan(architecture, recipe with { Name = "small", BatchSize = 16 });
            var subject = $"{architecture}, {side} px, {Comparison.ComparedWork.Shown(recipe.Precision)}";
            var first = TrainingLoop.Run(plan, ImageTask.On(pack), progress: null, CancellationToken.None);
            var second = TrainingLoop.Run(plan, ImageTask.On(pack), progress: null, CancellationToken.None);
            yield return Line($"{subject}: run twice", first, second);
            if (first.WeightsSha256 != second.WeightsSha256)
            {
                yield return CheckLine.NotRun(Name, $"{subject}: stopped", "not to be told, as two undisturbed runs differ");
                continue;
            }

            var (steps, resumed) = StopAndResume(plan, pack, folder["results"]);
            yield return Line(
                string.Create(CultureInfo.InvariantCulture, $"{subject}: stopped after step {steps} of {first.Steps}"),
                first,
                resumed
            );
        }
    }

    private static (long Steps, TrainingResult Resumed) StopAndResume(TrainingPlan plan, DatasetPack pack, string folder)
    {
        using var stop = new CancellationTokenSource();
        var saved = 0;
        try
        {
            TrainingLoop.Run(plan, ImageTask.On(pack), Checkpoints(TimeSpan.Zero, () => Stop(++saved)), progress: null, stop.Token);
            throw new InvalidOperationException("The trial did not stop.");
        }
        catch (OperationCanceledException)
        {
            // As asked. What another process would find in the generators:
            random.manual_seed(99);
            if (cuda.is_available())
                cuda.manual_seed_all(99);
        }

        return (
            saved,
            TrainingLoop.Run(plan, ImageTask.On(pack), Checkpoints(TimeSpan.FromDays(1), () => { }), progress: null, CancellationToken.None)
        );

        void Stop(int steps)
        {
            if (steps >= StopAfterSteps)
                stop.Cancel();
        }

        TrialCheckpoints Checkpoints(TimeSpan interval, Action beforeRename) =>
            new(
                new ResultStore(folder),
                new CheckpointOrigin(plan.Trial.Id, "gpu-check", pack.Fingerprint, null, plan.Device.ToString(), null, "this one"),
                interval,
                new TrialClock(),
                Console.Error.WriteLine,
                beforeRename
            );
    }

    private static CheckLine Line(string subject, TrainingResult expected, TrainingResult found)
    {
        var curve = expected.Evaluations.Zip(found.Evaluations).All(pair => pair.First.Loss == pair.Second.Loss);
        var passed = expected.WeightsSha256 == found.WeightsSha256 && curve;
        return CheckLine.Of(
            Name,
            subject,
            passed,
            passed
                ? $"weights {found.WeightsSha256?[..12]}"
                : $"weights {expected.WeightsSha256?[..12]} and {found.WeightsSha256?[..12]}, losses {(curve ? "the same" : "different")}",
            "the same bits"
        );
    }
}
