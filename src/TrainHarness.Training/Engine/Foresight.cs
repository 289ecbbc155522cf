using TrainHarness.Compute;

namespace TrainHarness.Training.Engine;

/// <summary>What a trial has seen and spent after every step, where that follows from the step alone.</summary>
public sealed class Foresight
{
    private readonly IForeseeable batches;
    private readonly StepPrices prices;
    private readonly Macs? evaluation;
    private readonly EvaluationPoints points;

    private Foresight(IForeseeable batches, StepPrices prices, Macs? evaluation, EvaluationPoints points)
    {
        this.batches = batches;
        this.prices = prices;
        this.evaluation = evaluation;
        this.points = points;
    }

    /// <summary>Whether what evaluations spend is foreseen too.</summary>
    public bool KnowsEvaluations => evaluation is not null;

    /// <summary>Null where the workload's batches cannot be foreseen.</summary>
    public static Foresight? Of(TrainingTask task, StepPrices prices, EvaluationPoints points) =>
        task.Batches is IForeseeable batches
            ? new Foresight(batches, prices, (task.Evaluator as IForeseeableEvaluator)?.Price, points)
            : null;

    /// <summary>The steps from the first to the given one.</summary>
    public IEnumerable<ForeseenStep> StepsTo(long last)
    {
        var (ledger, examples) = (ComputeLedger.Empty, 0L);
        for (var step = 1L; step <= last; step++)
        {
            var shape = batches.ShapeAt(step - 1);
            ledger = ledger.WithStep(prices[shape]);
            var isEvaluated = points.Contain(examples, examples + shape.Examples, step);
            examples += shape.Examples;
            if (isEvaluated && evaluation is { } spent)
                ledger = ledger.WithEvaluation(spent);
            yield return new ForeseenStep(step, examples, ledger, isEvaluated);
        }
    }
}

/// <summary>After a step, and after the evaluation that comes with it, if one does.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Examples">Seen.</param>
public readonly record struct ForeseenStep(long Step, long Examples, ComputeLedger Ledger, bool IsEvaluated);
