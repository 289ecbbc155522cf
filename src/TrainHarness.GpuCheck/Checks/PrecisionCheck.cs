using System.Globalization;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>Short trainings in each precision end alike, within what seeds do.</summary>
internal static class PrecisionCheck
{
    private const string Name = "precision";
    private const string Architecture = "resnet18";

    private const int Seeds = 4;

    // Where the seeds happen to agree closely, two points of accuracy are still nothing.
    private const double MinAllowance = 0.02;

    public static Check Check { get; } = new(Name, "short trainings in bf16 and tf32 end as in fp32", 60, Run);

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        using var folder = new ScratchFolder();
        var trial = new ShapesTrial
        {
            Device = request.Device,
            Side = request.IsTiny ? 32 : 64,
            TrainPerClass = request.IsTiny ? 40 : 200,
        };
        using var pack = trial.Pack(folder.Path);
        var exact = Train(trial, pack, request, Precision.Fp32);
        yield return CheckLine.Measured(Name, $"{Architecture}, fp32", Shown(exact));
        foreach (var precision in request.IsTiny ? (Precision[])[Precision.Bf16] : [Precision.Tf32, Precision.Bf16])
        {
            var other = Train(trial, pack, request, precision);
            // What two means of so few seeds differ by in one of a hundred comparisons of equals (Student's t).
            var spread = Math.Sqrt((exact.Top1.Variance() + other.Top1.Variance()) / Seeds);
            var allowed = Math.Max(MinAllowance, StudentT.InvCDF(0, 1, (2 * Seeds) - 2, 0.995) * spread);
            var apart = Math.Abs(exact.Top1.Mean() - other.Top1.Mean());
            yield return CheckLine.Of(
                Name,
                $"{Architecture}, {Comparison.ComparedWork.Shown(precision)}",
                apart <= allowed && other.Loss.All(double.IsFinite),
                string.Create(CultureInfo.InvariantCulture, $"{Shown(other)}; {apart:P1} from fp32"),
                string.Create(CultureInfo.InvariantCulture, $"{allowed:P1} apart")
            );
        }
    }

    private static (double[] Top1, double[] Loss) Train(ShapesTrial trial, DatasetPack pack, CheckRequest request, Precision precision)
    {
        var recipe = ShapesTrial.Recipe with
        {
            Epochs = request.IsTiny ? 2 : 5,
            Precision = precision,
            MemoryFormat = precision == Precision.Fp32 ? MemoryFormat.Contiguous : MemoryFormat.ChannelsLast,
        };
        var last = Enumerable
            .Range(1, Seeds)
            .Select(seed =>
                TrainingLoop
                    .Run(trial.Plan(Architecture, recipe, seed), ImageTask.On(pack), progress: null, CancellationToken.None)
                    .Evaluations[^1]
            )
            .ToList();
        return ([.. last.Select(evaluation => evaluation.Metrics["top1"])], [.. last.Select(evaluation => evaluation.Loss!.Value)]);
    }

    private static string Shown((double[] Top1, double[] Loss) ends) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"top-1 {ends.Top1.Mean():P1} (seeds {ends.Top1.Min():P1} to {ends.Top1.Max():P1}), loss {ends.Loss.Mean():F3}"
        );
}
