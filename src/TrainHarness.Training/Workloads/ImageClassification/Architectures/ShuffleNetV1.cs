using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    /// <summary>Three groups.</summary>
    public static Architecture ShuffleNetV1X10 { get; } =
        new(
            "shufflenet_v1_x1_0",
            new DateOnly(2017, 7, 4),
            "arXiv:1707.01083",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new ShuffleNetV1(options.Classes, [240, 480, 960], groups: 3)
        );
}

/// <summary>Zhang et al. 2017, table 1. The paper names no initial weights; they are those of He et al. (uniform, fan-in).</summary>
internal sealed class ShuffleNetV1 : Module<Tensor, Tensor>
{
    private readonly Sequential conv1 = ConvolutionUnit.Of(3, 24, 3, ReLU(inplace: true), stride: 2);
    private readonly MaxPool2d maxpool = MaxPool2d(3, stride: 2, padding: 1);
    private readonly Sequential stage2;
    private readonly Sequential stage3;
    private readonly Sequential stage4;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Linear fc;

    /// <param name="channels">Output channels of stages 2 to 4.</param>
    public ShuffleNetV1(int classes, int[] channels, int groups)
        : base(nameof(ShuffleNetV1))
    {
        // Section 3.2: the first pointwise layer of stage 2 is not grouped, its input channels being few.
        stage2 = Stage(4, 24, channels[0], groups, firstGroups: 1);
        stage3 = Stage(8, channels[0], channels[1], groups, groups);
        stage4 = Stage(4, channels[1], channels[2], groups, groups);
        fc = Weighted.Linear(channels[2], classes);
        RegisterComponents();
        Initialisation.KaimingUniformConvolutions(this);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = stage4.call(stage3.call(stage2.call(maxpool.call(conv1.call(input)))));
        return fc.call(avgpool.call(x).flatten(1)).MoveToOuterDisposeScope();
    }

    private static Sequential Stage(int units, int inputs, int outputs, int groups, int firstGroups) =>
        Sequential(
            Enumerable
                .Range(0, units)
                .Select(unit =>
                    (Module<Tensor, Tensor>)(
                        unit == 0
                            ? new ShuffleUnit(inputs, outputs, groups, firstGroups, stride: 2)
                            : new ShuffleUnit(outputs, outputs, groups, groups, stride: 1)
                    )
                )
        );
}

/// <summary>
/// Figure 2(b, c): grouped 1×1, shuffle, depthwise 3×3, grouped 1×1; added to the input, or with stride 2 put before its average.
/// </summary>
internal sealed class ShuffleUnit : Module<Tensor, Tensor>
{
    private readonly Sequential compress;
    private readonly int shuffled;
    private readonly Sequential depthwise;
    private readonly Sequential expand;
    private readonly AvgPool2d? pool;
    private readonly ReLU relu = ReLU(inplace: true);

    public ShuffleUnit(int inputs, int outputs, int groups, int firstGroups, int stride)
        : base(nameof(ShuffleUnit))
    {
        var width = outputs / 4;
        compress = ConvolutionUnit.Of(inputs, width, 1, ReLU(inplace: true), groups: firstGroups);
        shuffled = groups;
        depthwise = ConvolutionUnit.Of(width, width, 3, activation: null, stride, groups: width);
        expand = ConvolutionUnit.Of(width, stride > 1 ? outputs - inputs : outputs, 1, activation: null, groups: groups);
        if (stride > 1)
            pool = AvgPool2d(3, stride: stride, padding: 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = expand.call(depthwise.call(ShuffledChannels.Of(compress.call(input), shuffled)));
        x = pool is null ? x.PlusInPlace(input) : cat([x, pool.call(input)], 1);
        return relu.call(x).MoveToOuterDisposeScope();
    }
}
