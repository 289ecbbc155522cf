using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Sources;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

/// <summary>
/// StarNet-S1 ("Rewrite the Stars", arXiv:2403.19967, CVPR 2024): blocks that multiply two linear layers' answers element by element.
/// 2.9 M parameters and 425 M multiply-adds at 224 px by the paper, whose counter adds two for each element of a batch normalisation.
/// </summary>
[Published("2024-03-29", "arXiv:2403.19967")]
public sealed class StarNet : Module<Tensor, Tensor>
{
    private const int Width = 24;

    private static readonly int[] Depths = [2, 2, 8, 3];

    private readonly Sequential stem;
    private readonly Sequential stages;
    private readonly BatchNormalisation norm;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Linear head;

    public StarNet(int classes)
        : base(nameof(StarNet))
    {
        stem = Sequential(new Unit(3, 32, 3, stride: 2), ReLU6());
        List<(string, Module<Tensor, Tensor>)> parts = [];
        var channels = 32;
        foreach (var (stage, depth) in Depths.Index())
        {
            var width = Width << stage;
            parts.Add(($"{stage}_down", new Unit(channels, width, 3, stride: 2)));
            for (var block = 0; block < depth; block++)
                parts.Add(($"{stage}_{block}", new Block(width)));
            channels = width;
        }

        stages = Sequential(parts);
        norm = new BatchNormalisation(channels);
        head = Linear(channels, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = avgpool.call(norm.call(stages.call(stem.call(input)))).flatten(1);
        return head.call(x).MoveToOuterDisposeScope();
    }

    /// <summary>A convolution with a bias and, where it is wanted, batch normalisation.</summary>
    private sealed class Unit : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv;
        private readonly BatchNormalisation? bn;

        public Unit(int inputs, int outputs, int kernel, int stride = 1, int groups = 1, bool normalised = true)
            : base(nameof(Unit))
        {
            conv = Conv2d(inputs, outputs, kernel, stride: stride, padding: (kernel - 1) / 2, groups: groups);
            bn = normalised ? new BatchNormalisation(outputs) : null;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            var x = conv.call(input);
            return bn is null ? x : bn.call(x);
        }
    }

    private sealed class Block : Module<Tensor, Tensor>
    {
        private const int Expansion = 4;

        private readonly Unit dwconv;
        private readonly Unit f1;
        private readonly Unit f2;
        private readonly Unit g;
        private readonly Unit dwconv2;
        private readonly ReLU6 act = ReLU6();

        public Block(int width)
            : base(nameof(Block))
        {
            dwconv = new Unit(width, width, 7, groups: width);
            f1 = new Unit(width, Expansion * width, 1, normalised: false);
            f2 = new Unit(width, Expansion * width, 1, normalised: false);
            g = new Unit(Expansion * width, width, 1);
            dwconv2 = new Unit(width, width, 7, groups: width, normalised: false);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = dwconv.call(input);
            x = act.call(f1.call(x)) * f2.call(x);
            return (input + dwconv2.call(g.call(x))).MoveToOuterDisposeScope();
        }
    }
}
