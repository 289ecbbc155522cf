using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Tests.Engine;

/// <summary>Costs stand by the shape of a batch, lengths and all, and are those of one call of the objective.</summary>
public sealed class StepPricesTests
{
    private static readonly BatchShape[] Shapes = [new(4, 3, 5), new(4, 7, 2), new(1, 3, 5)];

    [Fact]
    public void Each_announced_shape_costs_what_runs_through_the_layers_on_it()
    {
        using var task = Task(Shapes);
        var prices = StepPrices.Of(task, Trials.Sgd);
        // Two inputs of 8 numbers a place: one layer of 8 x 6 for the source, and for each of its places a product with each of the
        // target's.
        Assert.Equal(Macs.Product(4, (3 * 8 * 6) + (5 * 8 * 6) + (3 * 5 * 6)), prices[new(4, 3, 5)].Forward);
        Assert.Equal(Macs.Product(4, (7 * 8 * 6) + (2 * 8 * 6) + (7 * 2 * 6)), prices[new(4, 7, 2)].Forward);
        Assert.Equal(Macs.Product(1, (3 * 8 * 6) + (5 * 8 * 6) + (3 * 5 * 6)), prices[new(1, 3, 5)].Forward);
        // Both factors of the product need a gradient; the inputs do not.
        Assert.Equal(Macs.Product(4, 2, 3 * 5 * 6), prices[new(4, 3, 5)].GradInput);
        Assert.Same(prices[Shapes[0]], prices.OfFullBatch);
    }

    [Fact]
    public void A_shape_that_nobody_announced_is_an_error_and_not_free()
    {
        using var task = Task(Shapes);
        var prices = StepPrices.Of(task, Trials.Sgd);
        var error = Assert.Throws<InvalidOperationException>(() => prices[new(4, 5, 3)]);
        Assert.Equal(
            "A batch of shape 4 x 5 x 3 came, which the workload did not announce: what it costs is not known. Announced: 4 x 3 x 5, 4 "
                + "x 7 x 2, 1 x 3 x 5.",
            error.Message
        );
    }

    [Fact]
    public void Shapes_are_equal_where_their_numbers_are()
    {
        Assert.Equal(new BatchShape(4, 3, 5), new BatchShape(4, 3, 5));
        Assert.NotEqual(new BatchShape(4, 3, 5), new BatchShape(4, 5, 3));
        Assert.NotEqual(new BatchShape(4), new BatchShape(4, 0));
        Assert.Equal(new BatchShape(2, 3, 5), new BatchShape(4, 3, 5).With(2));
    }

    private static TrainingTask Task(BatchShape[] shapes)
    {
        var network = new Pairs();
        return new TrainingTask(network, new None(), new Blanks(shapes), new Sum(network), new Nothing()) { DataPath = "none" };
    }

    /// <summary>Takes two tensors, which <c>Module&lt;Tensor, Tensor&gt;</c> could not.</summary>
    private sealed class Pairs : Module<Tensor, Tensor, Tensor>
    {
        private readonly Linear shared = Linear(8, 6, hasBias: false);
        private readonly Scores scores = new();

        public Pairs()
            : base(nameof(Pairs)) => RegisterComponents();

        public override Tensor forward(Tensor source, Tensor target) => scores.call(shared.call(source), shared.call(target));
    }

    private sealed class Scores() : Module<Tensor, Tensor, Tensor>(nameof(Scores)), IPricedModule
    {
        public override Tensor forward(Tensor source, Tensor target) => source.matmul(target.transpose(1, 2));

        public LayerCost Price(string name, LayerRun run)
        {
            var macs = Macs.Product([.. run.Output, run.Inputs[1].Shape[2]]);
            return new LayerCost(name, "attention", macs, macs * run.Inputs.Count(input => input.NeedsGradient), Macs.Zero);
        }
    }

    private sealed record Pair(Tensor Source, Tensor Target) : IBatch
    {
        public BatchShape Shape => new((int)Source.shape[0], (int)Source.shape[1], (int)Target.shape[1]);

        public Macs Spent => Macs.Zero;

        public void Dispose()
        {
            Source.Dispose();
            Target.Dispose();
        }
    }

    private sealed class Blanks(BatchShape[] shapes) : IBatchShapes
    {
        public IReadOnlyList<BatchShape> All => shapes;

        public IBatch Blank(BatchShape shape) =>
            new Pair(zeros(shape.Examples, shape.Lengths[0], 8), zeros(shape.Examples, shape.Lengths[1], 8));
    }

    private sealed class Sum(Pairs network) : IObjective
    {
        public Tensor Loss(IBatch batch, Random random) => network.call(((Pair)batch).Source, ((Pair)batch).Target).mean();
    }

    private sealed class None : IBatchSource
    {
        public long Steps => 0;

        public IEnumerable<IBatch> From(long first) => [];
    }

    private sealed class Nothing : IEvaluator
    {
        public IReadOnlyList<Metric> Metrics => [];

        public EvaluationResult Evaluate() => new(0, new Dictionary<string, double>(), Macs.Zero);
    }
}
