using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture ShuffleNetV2X10 { get; } =
        new(
            "shufflenet_v2_x1_0",
            new DateOnly(2018, 7, 30),
            "arXiv:1807.11164",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new ShuffleNetV2(options.Classes, [24, 116, 232, 464, 1024])
        );

    public static Architecture ShuffleNetV2X15 { get; } =
        new(
            "shufflenet_v2_x1_5",
            new DateOnly(2018, 7, 30),
            "arXiv:1807.11164",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new ShuffleNetV2(options.Classes, [24, 176, 352, 704, 1024])
        );
}

/// <summary>torchvision/models/shufflenetv2.py, with PyTorch's default initialisation.</summary>
internal sealed class ShuffleNetV2 : Module<Tensor, Tensor>
{
    private readonly Sequential conv1;
    private readonly MaxPool2d maxpool = MaxPool2d(3, stride: 2, padding: 1);
    private readonly Sequential stage2;
    private readonly Sequential stage3;
    private readonly Sequential stage4;
    private readonly Sequential conv5;
    private readonly Linear fc;

    /// <param name="channels">Output channels of conv1, of stages 2 to 4 and of conv5.</param>
    public ShuffleNetV2(int classes, int[] channels)
        : base(nameof(ShuffleNetV2))
    {
        conv1 = Sequential(
            Weighted.Conv2d(3, channels[0], 3, stride: 2, padding: 1, bias: false),
            new BatchNormalisation(channels[0]),
            ReLU(inplace: true)
        );
        stage2 = Stage(4, channels[0], channels[1]);
        stage3 = Stage(8, channels[1], channels[2]);
        stage4 = Stage(4, channels[2], channels[3]);
        conv5 = Sequential(
            Weighted.Conv2d(channels[3], channels[4], 1, bias: false),
            new BatchNormalisation(channels[4]),
            ReLU(inplace: true)
        );
        fc = Weighted.Linear(channels[4], classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = maxpool.call(conv1.call(input));
        x = conv5.call(stage4.call(stage3.call(stage2.call(x))));
        return fc.call(x.mean([2, 3])).MoveToOuterDisposeScope();
    }

    private static Sequential Stage(int blocks, int inputs, int outputs) =>
        Sequential(
            Enumerable
                .Range(0, blocks)
                .Select(index =>
                    (Module<Tensor, Tensor>)(
                        index == 0 ? new InvertedResidual(inputs, outputs, stride: 2) : new InvertedResidual(outputs, outputs, stride: 1)
                    )
                )
        );
}

/// <summary>
/// With stride 1, half of the channels pass by and half go through branch2; with stride 2, all go through both branches. Then the halves
/// are interleaved.
/// </summary>
internal sealed class InvertedResidual : Module<Tensor, Tensor>
{
    private readonly Sequential? branch1;
    private readonly Sequential branch2;

    public InvertedResidual(int inputs, int outputs, int stride)
        : base(nameof(InvertedResidual))
    {
        var half = outputs / 2;
        if (stride > 1)
        {
            branch1 = Sequential(
                DepthwiseConvolution(inputs, stride),
                new BatchNormalisation(inputs),
                Weighted.Conv2d(inputs, half, 1, bias: false),
                new BatchNormalisation(half),
                ReLU(inplace: true)
            );
        }

        branch2 = Sequential(
            Weighted.Conv2d(stride > 1 ? inputs : half, half, 1, bias: false),
            new BatchNormalisation(half),
            ReLU(inplace: true),
            DepthwiseConvolution(half, stride),
            new BatchNormalisation(half),
            Weighted.Conv2d(half, half, 1, bias: false),
            new BatchNormalisation(half),
            ReLU(inplace: true)
        );
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var joined = branch1 is null ? PassHalf(input) : cat([branch1.call(input), branch2.call(input)], 1);
        return ShuffledChannels.Of(joined, groups: 2).MoveToOuterDisposeScope();
    }

    private static Conv2d DepthwiseConvolution(int channels, int stride) =>
        Weighted.Conv2d(channels, channels, 3, stride: stride, padding: 1, groups: channels, bias: false);

    private Tensor PassHalf(Tensor input)
    {
        var halves = input.chunk(2, 1);
        return cat([halves[0], branch2.call(halves[1])], 1);
    }
}
