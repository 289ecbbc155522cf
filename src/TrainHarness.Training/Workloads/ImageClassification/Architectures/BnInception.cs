using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture BnInception { get; } =
        new(
            "bn_inception",
            new DateOnly(2015, 2, 11),
            "arXiv:1502.03167",
            MinimumImageSize: 7,
            HasBatchNormalisation: true,
            options => new BnInception(options.Classes)
        );
}

/// <summary>
/// Ioffe and Szegedy 2015, figure 5, with biases in the convolutions as the published weights have them. The last map is averaged whole (7
/// × 7 at 224 pixels). The paper names no initial weights; they are those of He et al. (uniform, fan-in), without biases.
/// </summary>
internal sealed class BnInception : Module<Tensor, Tensor>
{
    private readonly Sequential features = Sequential(
        Convolution(3, 64, 7, stride: 2),
        Shrink(),
        Convolution(64, 64, 1),
        Convolution(64, 192, 3),
        Shrink(),
        new BnInceptionBlock(192, 64, (64, 64), (64, 96), 32),
        new BnInceptionBlock(256, 64, (64, 96), (64, 96), 64),
        new BnInceptionReduction(320, (128, 160), (64, 96)),
        new BnInceptionBlock(576, 224, (64, 96), (96, 128), 128),
        new BnInceptionBlock(576, 192, (96, 128), (96, 128), 128),
        new BnInceptionBlock(576, 160, (128, 160), (128, 160), 128),
        new BnInceptionBlock(608, 96, (128, 192), (160, 192), 128),
        new BnInceptionReduction(608, (128, 192), (192, 256)),
        new BnInceptionBlock(1056, 352, (192, 320), (160, 224), 128),
        new BnInceptionBlock(1024, 352, (192, 320), (192, 224), 128, isPooledByMaximum: true)
    );

    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Linear fc;

    public BnInception(int classes)
        : base(nameof(BnInception))
    {
        fc = Weighted.Linear(1024, classes);
        RegisterComponents();
        Initialisation.KaimingUniformConvolutions(this);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return fc.call(avgpool.call(features.call(input)).flatten(1)).MoveToOuterDisposeScope();
    }

    internal static Sequential Convolution(int inputs, int outputs, int kernel, int stride = 1) =>
        Sequential(
            Weighted.Conv2d(inputs, outputs, kernel, stride: stride, padding: kernel / 2),
            new BatchNormalisation(outputs),
            ReLU(inplace: true)
        );

    internal static MaxPool2d Shrink() => MaxPool2d(3, stride: 2, ceil_mode: true);
}

/// <summary>A 1×1, a reduced 3×3, a reduced pair of 3×3 and a pooled 1×1 convolution side by side.</summary>
internal sealed class BnInceptionBlock : Module<Tensor, Tensor>
{
    private readonly Sequential branch1;
    private readonly Sequential branch2;
    private readonly Sequential branch3;
    private readonly Sequential branch4;

    public BnInceptionBlock(
        int inputs,
        int ones,
        (int Reduced, int Outputs) three,
        (int Reduced, int Outputs) doubleThree,
        int pooled,
        bool isPooledByMaximum = false
    )
        : base(nameof(BnInceptionBlock))
    {
        branch1 = BnInception.Convolution(inputs, ones, 1);
        branch2 = Sequential(BnInception.Convolution(inputs, three.Reduced, 1), BnInception.Convolution(three.Reduced, three.Outputs, 3));
        branch3 = Sequential(
            BnInception.Convolution(inputs, doubleThree.Reduced, 1),
            BnInception.Convolution(doubleThree.Reduced, doubleThree.Outputs, 3),
            BnInception.Convolution(doubleThree.Outputs, doubleThree.Outputs, 3)
        );
        branch4 = Sequential(
            isPooledByMaximum ? MaxPool2d(3, stride: 1, padding: 1) : AvgPool2d(3, stride: 1, padding: 1),
            BnInception.Convolution(inputs, pooled, 1)
        );
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return cat([branch1.call(input), branch2.call(input), branch3.call(input), branch4.call(input)], 1).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Halves the map: a 3×3 and a pair of 3×3 convolutions, the last of each with stride 2, beside a pooling that keeps the channels.
/// </summary>
internal sealed class BnInceptionReduction : Module<Tensor, Tensor>
{
    private readonly Sequential branch1;
    private readonly Sequential branch2;
    private readonly MaxPool2d branch3 = BnInception.Shrink();
    private readonly MaxPool2d branch3_odd = MaxPool2d(3, stride: 2, padding: 1);

    public BnInceptionReduction(int inputs, (int Reduced, int Outputs) three, (int Reduced, int Outputs) doubleThree)
        : base(nameof(BnInceptionReduction))
    {
        branch1 = Sequential(
            BnInception.Convolution(inputs, three.Reduced, 1),
            BnInception.Convolution(three.Reduced, three.Outputs, 3, stride: 2)
        );
        branch2 = Sequential(
            BnInception.Convolution(inputs, doubleThree.Reduced, 1),
            BnInception.Convolution(doubleThree.Reduced, doubleThree.Outputs, 3),
            BnInception.Convolution(doubleThree.Outputs, doubleThree.Outputs, 3, stride: 2)
        );
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        // At 224 pixels every map is even. Of an odd one the convolutions keep a row more, and so must the pooling.
        var pooled = input.shape[2] % 2 == 0 ? branch3.call(input) : branch3_odd.call(input);
        return cat([branch1.call(input), branch2.call(input), pooled], 1).MoveToOuterDisposeScope();
    }
}
