using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Sources;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

/// <summary>
/// FasterNet-T0 ("Run, Don't Walk: Chasing Higher FLOPS for Faster Neural Networks", arXiv:2303.03667, CVPR 2023): convolutions of a
/// quarter of the channels. 3.9 M parameters and 0.34 G by the paper, which calls a multiply-add one FLOP.
/// </summary>
[Published("2023-03-07", "arXiv:2303.03667")]
public sealed class FasterNet : Module<Tensor, Tensor>
{
    private const int Width = 40;
    private const int Features = 1280;

    private static readonly int[] Depths = [1, 2, 8, 2];

    private readonly Sequential stages;
    private readonly Sequential head;

    public FasterNet(int classes)
        : base(nameof(FasterNet))
    {
        List<(string, Module<Tensor, Tensor>)> parts = [];
        foreach (var (stage, depth) in Depths.Index())
        {
            var width = Width << stage;
            parts.Add(
                (
                    $"{stage}_merge",
                    stage == 0 ? Conv2d(3, width, 4, stride: 4, bias: false) : Conv2d(width / 2, width, 2, stride: 2, bias: false)
                )
            );
            parts.Add(($"{stage}_norm", new BatchNormalisation(width)));
            for (var block = 0; block < depth; block++)
                parts.Add(($"{stage}_{block}", new Block(width)));
        }

        stages = Sequential(parts);
        head = Sequential(
            AdaptiveAvgPool2d((1, 1)),
            Conv2d(Width << 3, Features, 1, bias: false),
            GELU(),
            Flatten(),
            Linear(Features, classes)
        );
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => head.call(stages.call(input));

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly long quarter;
        private readonly Conv2d partial;
        private readonly Sequential mlp;

        public Block(int width)
            : base(nameof(Block))
        {
            quarter = width / 4;
            partial = Conv2d(quarter, quarter, 3, padding: 1, bias: false);
            mlp = Sequential(
                Conv2d(width, 2 * width, 1, bias: false),
                new BatchNormalisation(2 * width),
                GELU(),
                Conv2d(2 * width, width, 1, bias: false)
            );
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var convolved = partial.call(input.narrow(1, 0, quarter));
            var mixed = cat([convolved, input.narrow(1, quarter, input.shape[1] - quarter)], 1);
            return (input + mlp.call(mixed)).MoveToOuterDisposeScope();
        }
    }
}
