using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>
/// Residual blocks with two heads: for each move a logit, and what the player to move may expect, from -1 to 1 (Silver et al. 2017,
/// doi:10.1038/nature24270, Methods, Neural network architecture): a policy head of two filters, and a value head of one with a hidden
/// layer as wide as the blocks.
/// </summary>
internal sealed class DualNetwork : BoardNetwork
{
    private readonly Sequential trunk;
    private readonly Sequential policy;
    private readonly Sequential value;

    public DualNetwork(BoardNetworkOptions options, int blocks, int filters)
        : base(nameof(DualNetwork))
    {
        var cells = options.Rows * options.Columns;
        trunk = Sequential([
            .. Unit(options.Planes, filters, 3),
            ReLU(),
            .. Enumerable.Range(0, blocks).Select(_ => new Residual(filters)),
        ]);
        policy = Sequential([.. Unit(filters, 2, 1), ReLU(), Flatten(), Weighted.Linear(2 * cells, options.Moves)]);
        value = Sequential([
            .. Unit(filters, 1, 1),
            ReLU(),
            Flatten(),
            Weighted.Linear(cells, filters),
            ReLU(),
            Weighted.Linear(filters, 1),
            Tanh(),
        ]);
        RegisterComponents();
    }

    /// <returns>Logits [N, moves] and values [N].</returns>
    public override (Tensor Policy, Tensor Value) forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var features = trunk.call(input);
        return (policy.call(features).MoveToOuterDisposeScope(), value.call(features).squeeze(1).MoveToOuterDisposeScope());
    }

    private static Module<Tensor, Tensor>[] Unit(int inputs, int outputs, int kernel) =>
        [Weighted.Conv2d(inputs, outputs, kernel, padding: kernel / 2, bias: false), new BatchNormalisation(outputs)];

    private sealed class Residual : Module<Tensor, Tensor>
    {
        private readonly Sequential branch;

        public Residual(int filters)
            : base(nameof(Residual))
        {
            branch = Sequential([.. Unit(filters, filters, 3), ReLU(), .. Unit(filters, filters, 3)]);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return functional.relu(branch.call(input).PlusInPlace(input)).MoveToOuterDisposeScope();
        }
    }
}
