using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Architectures;

public sealed partial record Architecture
{
    public static Architecture ResNet18 { get; } = new(
        "resnet18", new DateOnly(2015, 12, 10), "arXiv:1512.03385", MinimumImageSize: 1, HasBatchNormalisation: true, options => new ResNet(options.Classes, [2, 2, 2, 2], bottleneck: false));

    /// <summary>Version 1.5: a bottleneck's stride is in its 3×3 convolution.</summary>
    public static Architecture ResNet50 { get; } = new(
        "resnet50", new DateOnly(2015, 12, 10), "arXiv:1512.03385", MinimumImageSize: 1, HasBatchNormalisation: true, options => new ResNet(options.Classes, [3, 4, 6, 3], bottleneck: true));
}

/// <summary>torchvision/models/resnet.py.</summary>
internal sealed class ResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false);
    private readonly BatchNorm2d bn1 = BatchNorm2d(64);
    private readonly ReLU relu = ReLU(inplace: true);
    private readonly MaxPool2d maxpool = MaxPool2d(3, stride: 2, padding: 1);
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly Sequential layer4;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Linear fc;

    /// <param name="blocks">Blocks of each of the four layers.</param>
    /// <param name="bottleneck">Blocks of three convolutions, whose outputs are four times as wide, instead of two.</param>
    public ResNet(int classes, int[] blocks, bool bottleneck)
        : base(nameof(ResNet))
    {
        var expansion = bottleneck ? Bottleneck.Expansion : 1;
        Module<Tensor, Tensor> Block(int inputs, int width, int stride) =>
            bottleneck ? new Bottleneck(inputs, width, stride) : new BasicBlock(inputs, width, stride);
        Sequential Layer(int count, int inputs, int width, int stride) => Sequential(
            Enumerable.Range(0, count).Select(index => index == 0 ? Block(inputs, width, stride) : Block(width * expansion, width, stride: 1)));
        layer1 = Layer(blocks[0], 64, 64, stride: 1);
        layer2 = Layer(blocks[1], 64 * expansion, 128, stride: 2);
        layer3 = Layer(blocks[2], 128 * expansion, 256, stride: 2);
        layer4 = Layer(blocks[3], 256 * expansion, 512, stride: 2);
        fc = Linear(512 * expansion, classes);
        RegisterComponents();
        foreach (var convolution in modules().OfType<Conv2d>())
            init.kaiming_normal_(convolution.weight!, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
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
    private readonly BatchNorm2d bn1;
    private readonly ReLU relu = ReLU(inplace: true);
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Sequential? downsample;

    public BasicBlock(int inputs, int outputs, int stride)
        : base(nameof(BasicBlock))
    {
        conv1 = Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(outputs);
        conv2 = Conv2d(outputs, outputs, 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(outputs);
        if (stride != 1 || inputs != outputs)
            downsample = Sequential(Conv2d(inputs, outputs, 1, stride: stride, bias: false), BatchNorm2d(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = bn2.call(conv2.call(relu.call(bn1.call(conv1.call(input)))));
        return relu.call(x.add_(downsample?.call(input) ?? input)).MoveToOuterDisposeScope();
    }
}

/// <summary>A 1×1, a 3×3 and a widening 1×1 convolution beside a shortcut, which is a strided 1×1 convolution where the shape changes.</summary>
internal sealed class Bottleneck : Module<Tensor, Tensor>
{
    /// <summary>Channels of the output for each channel of the 3×3 convolution.</summary>
    public const int Expansion = 4;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Conv2d conv3;
    private readonly BatchNorm2d bn3;
    private readonly ReLU relu = ReLU(inplace: true);
    private readonly Sequential? downsample;

    public Bottleneck(int inputs, int width, int stride)
        : base(nameof(Bottleneck))
    {
        var outputs = width * Expansion;
        conv1 = Conv2d(inputs, width, 1, bias: false);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, 3, stride: stride, padding: 1, bias: false);
        bn2 = BatchNorm2d(width);
        conv3 = Conv2d(width, outputs, 1, bias: false);
        bn3 = BatchNorm2d(outputs);
        if (stride != 1 || inputs != outputs)
            downsample = Sequential(Conv2d(inputs, outputs, 1, stride: stride, bias: false), BatchNorm2d(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = relu.call(bn1.call(conv1.call(input)));
        x = bn3.call(conv3.call(relu.call(bn2.call(conv2.call(x)))));
        return relu.call(x.add_(downsample?.call(input) ?? input)).MoveToOuterDisposeScope();
    }
}
