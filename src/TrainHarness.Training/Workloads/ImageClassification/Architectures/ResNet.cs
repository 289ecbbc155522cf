using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture ResNet18 { get; } =
        Residual("resnet18", new DateOnly(2015, 12, 10), "arXiv:1512.03385", classes => new ResNet(
            classes,
            [2, 2, 2, 2],
            bottleneck: null
        ));

    public static Architecture ResNet34 { get; } =
        Residual("resnet34", new DateOnly(2015, 12, 10), "arXiv:1512.03385", classes => new ResNet(
            classes,
            [3, 4, 6, 3],
            bottleneck: null
        ));

    /// <summary>Version 1.5: a bottleneck's stride is in its 3×3 convolution.</summary>
    public static Architecture ResNet50 { get; } =
        Residual("resnet50", new DateOnly(2015, 12, 10), "arXiv:1512.03385", classes => new ResNet(
            classes,
            [3, 4, 6, 3],
            new BottleneckShape()
        ));

    /// <summary>Bottlenecks of twice the width, between maps of the same.</summary>
    public static Architecture WideResNet50 { get; } =
        Residual("wide_resnet50_2", new DateOnly(2016, 5, 23), "arXiv:1605.07146", classes => new ResNet(
            classes,
            [3, 4, 6, 3],
            new BottleneckShape { GroupWidth = 128 }
        ));

    /// <summary>Thirty-two groups of four channels.</summary>
    public static Architecture ResNeXt50 { get; } =
        Residual("resnext50_32x4d", new DateOnly(2016, 11, 16), "arXiv:1611.05431", classes => new ResNet(
            classes,
            [3, 4, 6, 3],
            new BottleneckShape { Groups = 32, GroupWidth = 4 }
        ));

    /// <summary>ResNet-50, version 1.5, with squeeze and excitation by a sixteenth of the channels.</summary>
    public static Architecture SeResNet50 { get; } =
        Residual("se_resnet50", new DateOnly(2017, 9, 5), "arXiv:1709.01507", classes => new ResNet(
            classes,
            [3, 4, 6, 3],
            new BottleneckShape { HasSqueezeExcitation = true }
        ));

    private static Architecture Residual(string name, DateOnly published, string paper, Func<int, ResNet> build) =>
        new(name, published, paper, MinimumImageSize: 1, HasBatchNormalisation: true, options => build(options.Classes));
}

/// <summary>torchvision/models/resnet.py.</summary>
internal sealed class ResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNormalisation bn1;
    private readonly ReLU relu = ReLU(inplace: true);
    private readonly MaxPool2d maxpool = MaxPool2d(3, stride: 2, padding: 1);
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly Sequential layer4;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Linear fc;

    /// <param name="blocks">Blocks of each of the four layers.</param>
    /// <param name="bottleneck">Blocks of three convolutions, whose outputs are four times as wide; null for blocks of two.</param>
    /// <param name="width">Channels after the first convolution.</param>
    public ResNet(int classes, int[] blocks, BottleneckShape? bottleneck, int width = 64)
        : base(nameof(ResNet))
    {
        var expansion = bottleneck is null ? 1 : Bottleneck.Expansion;
        Module<Tensor, Tensor> Block(int inputs, int width, int stride) =>
            bottleneck is null ? new BasicBlock(inputs, width, stride) : new Bottleneck(inputs, width, stride, bottleneck);
        Sequential Layer(int count, int inputs, int width, int stride) =>
            Sequential(
                Enumerable
                    .Range(0, count)
                    .Select(index => index == 0 ? Block(inputs, width, stride) : Block(width * expansion, width, stride: 1))
            );
        conv1 = Weighted.Conv2d(3, width, 7, stride: 2, padding: 3, bias: false);
        bn1 = new BatchNormalisation(width);
        layer1 = Layer(blocks[0], width, width, stride: 1);
        layer2 = Layer(blocks[1], width * expansion, 2 * width, stride: 2);
        layer3 = Layer(blocks[2], 2 * width * expansion, 4 * width, stride: 2);
        layer4 = Layer(blocks[3], 4 * width * expansion, 8 * width, stride: 2);
        fc = Weighted.Linear(8 * width * expansion, classes);
        RegisterComponents();
        Initialisation.KaimingConvolutions(this);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = maxpool.call(relu.call(bn1.call(conv1.call(input))));
        x = layer4.call(layer3.call(layer2.call(layer1.call(x))));
        return fc.call(avgpool.call(x).flatten(1)).MoveToOuterDisposeScope();
    }
}

/// <summary>Two 3×3 convolutions beside a shortcut, which is a strided 1×1 convolution where the shape changes.</summary>
internal sealed class BasicBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNormalisation bn1;
    private readonly ReLU relu = ReLU(inplace: true);
    private readonly Conv2d conv2;
    private readonly BatchNormalisation bn2;
    private readonly Sequential? downsample;

    public BasicBlock(int inputs, int outputs, int stride)
        : base(nameof(BasicBlock))
    {
        conv1 = Weighted.Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: false);
        bn1 = new BatchNormalisation(outputs);
        conv2 = Weighted.Conv2d(outputs, outputs, 3, padding: 1, bias: false);
        bn2 = new BatchNormalisation(outputs);
        if (stride != 1 || inputs != outputs)
            downsample = Sequential(Weighted.Conv2d(inputs, outputs, 1, stride: stride, bias: false), new BatchNormalisation(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = bn2.call(conv2.call(relu.call(bn1.call(conv1.call(input)))));
        return relu.call(x.PlusInPlace(downsample?.call(input) ?? input)).MoveToOuterDisposeScope();
    }
}

/// <summary>How the bottlenecks of later networks differ from ResNet's.</summary>
internal sealed record BottleneckShape
{
    /// <summary>Of the 3×3 convolution.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Channels of a group where the plain network has 64.</summary>
    public int GroupWidth { get; init; } = 64;

    public bool HasSqueezeExcitation { get; init; }
}

/// <summary>
/// A 1×1, a 3×3 and a widening 1×1 convolution beside a shortcut, which is a strided 1×1 convolution where the shape changes.
/// </summary>
internal sealed class Bottleneck : Module<Tensor, Tensor>
{
    /// <summary>Channels of the output for each channel of the plain network's 3×3 convolution.</summary>
    public const int Expansion = 4;

    private readonly Conv2d conv1;
    private readonly BatchNormalisation bn1;
    private readonly Conv2d conv2;
    private readonly BatchNormalisation bn2;
    private readonly Conv2d conv3;
    private readonly BatchNormalisation bn3;
    private readonly ReLU relu = ReLU(inplace: true);
    private readonly SqueezeExcitation? se;
    private readonly Sequential? downsample;

    public Bottleneck(int inputs, int planes, int stride, BottleneckShape shape)
        : base(nameof(Bottleneck))
    {
        var width = planes * shape.GroupWidth / 64 * shape.Groups;
        var outputs = planes * Expansion;
        conv1 = Weighted.Conv2d(inputs, width, 1, bias: false);
        bn1 = new BatchNormalisation(width);
        conv2 = Weighted.Conv2d(width, width, 3, stride: stride, padding: 1, groups: shape.Groups, bias: false);
        bn2 = new BatchNormalisation(width);
        conv3 = Weighted.Conv2d(width, outputs, 1, bias: false);
        bn3 = new BatchNormalisation(outputs);
        if (shape.HasSqueezeExcitation)
            se = new SqueezeExcitation(outputs, outputs / 16, ReLU(inplace: true), Sigmoid());
        if (stride != 1 || inputs != outputs)
            downsample = Sequential(Weighted.Conv2d(inputs, outputs, 1, stride: stride, bias: false), new BatchNormalisation(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = relu.call(bn1.call(conv1.call(input)));
        x = bn3.call(conv3.call(relu.call(bn2.call(conv2.call(x)))));
        x = se?.call(x) ?? x;
        return relu.call(x.PlusInPlace(downsample?.call(input) ?? input)).MoveToOuterDisposeScope();
    }
}
