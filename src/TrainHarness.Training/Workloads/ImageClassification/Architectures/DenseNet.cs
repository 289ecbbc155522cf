using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture DenseNet121 { get; } =
        new(
            "densenet121",
            new DateOnly(2016, 8, 25),
            "arXiv:1608.06993",
            MinimumImageSize: 29,
            HasBatchNormalisation: true,
            options => new DenseNet(options.Classes, [6, 12, 24, 16], growth: 32)
        );
}

/// <summary>torchvision/models/densenet.py.</summary>
internal sealed class DenseNet : Module<Tensor, Tensor>
{
    private readonly Sequential features;
    private readonly ReLU relu = ReLU(inplace: true);
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Linear classifier;

    /// <param name="blocks">Layers of each dense block.</param>
    /// <param name="growth">Channels that a layer adds.</param>
    public DenseNet(int classes, int[] blocks, int growth)
        : base(nameof(DenseNet))
    {
        var channels = 2 * growth;
        List<(string, Module<Tensor, Tensor>)> layers =
        [
            ("conv0", Weighted.Conv2d(3, channels, 7, stride: 2, padding: 3, bias: false)),
            ("norm0", new BatchNormalisation(channels)),
            ("relu0", ReLU(inplace: true)),
            ("pool0", MaxPool2d(3, stride: 2, padding: 1)),
        ];
        for (var block = 0; block < blocks.Length; block++)
        {
            layers.Add(($"denseblock{block + 1}", Block(blocks[block], channels, growth)));
            channels += blocks[block] * growth;
            if (block == blocks.Length - 1)
                continue;
            layers.Add(($"transition{block + 1}", Transition(channels)));
            channels /= 2;
        }

        layers.Add(("norm5", new BatchNormalisation(channels)));
        features = Sequential(layers);
        classifier = Weighted.Linear(channels, classes);
        RegisterComponents();
        foreach (var convolution in modules().OfType<Conv2d>())
            init.kaiming_normal_(convolution.weight!);
        init.zeros_(classifier.bias!);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(avgpool.call(relu.call(features.call(input))).flatten(1)).MoveToOuterDisposeScope();
    }

    private static Sequential Block(int layers, int inputs, int growth) =>
        Sequential(
            Enumerable
                .Range(0, layers)
                .Select(layer => ($"denselayer{layer + 1}", (Module<Tensor, Tensor>)new DenseLayer(inputs + (layer * growth), growth)))
        );

    private static Sequential Transition(int inputs) =>
        Sequential(
            ("norm", new BatchNormalisation(inputs)),
            ("relu", ReLU(inplace: true)),
            ("conv", Weighted.Conv2d(inputs, inputs / 2, 1, bias: false)),
            ("pool", AvgPool2d(2, stride: 2))
        );
}

/// <summary>A 1×1 and a 3×3 convolution on everything before them; what they make is put behind it.</summary>
internal sealed class DenseLayer : Module<Tensor, Tensor>
{
    private readonly BatchNormalisation norm1;
    private readonly ReLU relu1 = ReLU(inplace: true);
    private readonly Conv2d conv1;
    private readonly BatchNormalisation norm2;
    private readonly ReLU relu2 = ReLU(inplace: true);
    private readonly Conv2d conv2;

    public DenseLayer(int inputs, int growth)
        : base(nameof(DenseLayer))
    {
        norm1 = new BatchNormalisation(inputs);
        conv1 = Weighted.Conv2d(inputs, 4 * growth, 1, bias: false);
        norm2 = new BatchNormalisation(4 * growth);
        conv2 = Weighted.Conv2d(4 * growth, growth, 3, padding: 1, bias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = conv1.call(relu1.call(norm1.call(input)));
        return cat([input, conv2.call(relu2.call(norm2.call(x)))], 1).MoveToOuterDisposeScope();
    }
}
