using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.LanguageModelling;

/// <summary>Windows of the training text at places that the seed and the step decide, each as likely as the others.</summary>
/// <param name="text">Longer than a window.</param>
/// <param name="vocabulary">Different units.</param>
internal sealed class WindowBatches(ushort[] text, int context, int vocabulary, TrainingPlan plan)
    : IBatchSource,
        IBatchShapes,
        IForeseeable
{
    private readonly BatchShape shape = new(plan.Recipe.BatchSize, context);

    public long Steps { get; } = (long)LanguageRecipe.Of(plan.Recipe).StepsPerEpoch * plan.Recipe.Epochs;

    public IReadOnlyList<BatchShape> All => [shape];

    public BatchShape ShapeAt(long taken) => shape;

    public IEnumerable<IBatch> From(long first)
    {
        for (var step = first; step < Steps; step++)
            yield return WindowBatch.Of(text, PlacesAt(step), context, plan.Device);
    }

    // Drawn units.
    public IBatch Blank(BatchShape shape)
    {
        return new WindowBatch(Drawn(), Drawn());

        Tensor Drawn() => randint(0, vocabulary, [shape.Examples, shape.Lengths[0]], dtype: ScalarType.Int64, device: plan.Device);
    }

    /// <summary>Where the windows of a step begin.</summary>
    public int[] PlacesAt(long step)
    {
        var random = Seeds.Generator(plan.Trial.Seed, "places", step);
        return [.. Enumerable.Range(0, shape.Examples).Select(_ => random.Next(text.Length - context))];
    }
}
