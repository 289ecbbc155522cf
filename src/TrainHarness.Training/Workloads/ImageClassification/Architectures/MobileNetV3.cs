using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture MobileNetV3Small { get; } =
        new(
            "mobilenet_v3_small",
            new DateOnly(2019, 5, 6),
            "arXiv:1905.02244",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new MobileNetV3(options.Classes, MobileNetV3.Small, hidden: 1024)
        );

    public static Architecture MobileNetV3Large { get; } =
        new(
            "mobilenet_v3_large",
            new DateOnly(2019, 5, 6),
            "arXiv:1905.02244",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new MobileNetV3(options.Classes, MobileNetV3.Large, hidden: 1280)
        );
}

/// <summary>A row of tables 1 and 2 of the paper.</summary>
internal readonly record struct MobileNetV3Row(int Kernel, int Width, int Outputs, bool HasSqueeze, bool UsesHardswish, int Stride);

/// <summary>torchvision/models/mobilenetv3.py at width 1.</summary>
internal sealed class MobileNetV3 : Module<Tensor, Tensor>
{
    internal static readonly MobileNetV3Row[] Large =
    [
        new(3, 16, 16, false, false, 1),
        new(3, 64, 24, false, false, 2),
        new(3, 72, 24, false, false, 1),
        new(5, 72, 40, true, false, 2),
        new(5, 120, 40, true, false, 1),
        new(5, 120, 40, true, false, 1),
        new(3, 240, 80, false, true, 2),
        new(3, 200, 80, false, true, 1),
        new(3, 184, 80, false, true, 1),
        new(3, 184, 80, false, true, 1),
        new(3, 480, 112, true, true, 1),
        new(3, 672, 112, true, true, 1),
        new(5, 672, 160, true, true, 2),
        new(5, 960, 160, true, true, 1),
        new(5, 960, 160, true, true, 1),
    ];

    internal static readonly MobileNetV3Row[] Small =
    [
        new(3, 16, 16, true, false, 2),
        new(3, 72, 24, false, false, 2),
        new(3, 88, 24, false, false, 1),
        new(5, 96, 40, true, true, 2),
        new(5, 240, 40, true, true, 1),
        new(5, 240, 40, true, true, 1),
        new(5, 120, 48, true, true, 1),
        new(5, 144, 48, true, true, 1),
        new(5, 288, 96, true, true, 2),
        new(5, 576, 96, true, true, 1),
        new(5, 576, 96, true, true, 1),
    ];

    private readonly Sequential features;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Sequential classifier;

    /// <param name="hidden">Channels of the layer before the last.</param>
    public MobileNetV3(int classes, MobileNetV3Row[] rows, int hidden)
        : base(nameof(MobileNetV3))
    {
        var last = rows[^1].Outputs;
        features = Sequential([
            Unit(3, 16, 3, Hardswish(), stride: 2),
            .. rows.Select((row, index) => new MobileNetV3Block(index == 0 ? 16 : rows[index - 1].Outputs, row)),
            Unit(last, 6 * last, 1, Hardswish()),
        ]);
        classifier = Sequential(Weighted.Linear(6 * last, hidden), Hardswish(), Dropout(0.2), Weighted.Linear(hidden, classes));
        RegisterComponents();
        Initialisation.KaimingConvolutions(this);
        Initialisation.NormalLinears(this, 0.01);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(avgpool.call(features.call(input)).flatten(1)).MoveToOuterDisposeScope();
    }

    internal static Sequential Unit(
        int inputs,
        int outputs,
        int kernel,
        Module<Tensor, Tensor>? activation,
        int stride = 1,
        int groups = 1
    ) => ConvolutionUnit.Of(inputs, outputs, kernel, activation, stride, groups, epsilon: 0.001, momentum: 0.01);
}

/// <summary>
/// A widening 1×1, a depthwise, squeeze and excitation, and a narrowing 1×1 convolution, with a shortcut where the shape stays.
/// </summary>
internal sealed class MobileNetV3Block : Module<Tensor, Tensor>
{
    private readonly Sequential block;
    private readonly bool hasShortcut;

    public MobileNetV3Block(int inputs, MobileNetV3Row row)
        : base(nameof(MobileNetV3Block))
    {
        Module<Tensor, Tensor> Activation() => row.UsesHardswish ? Hardswish() : ReLU(inplace: true);
        hasShortcut = row.Stride == 1 && inputs == row.Outputs;
        var layers = new List<Module<Tensor, Tensor>>();
        if (row.Width != inputs)
            layers.Add(MobileNetV3.Unit(inputs, row.Width, 1, Activation()));
        layers.Add(MobileNetV3.Unit(row.Width, row.Width, row.Kernel, Activation(), row.Stride, groups: row.Width));
        if (row.HasSqueeze)
            layers.Add(new SqueezeExcitation(row.Width, Channels.Eighths(row.Width / 4), ReLU(inplace: true), Hardsigmoid()));
        layers.Add(MobileNetV3.Unit(row.Width, row.Outputs, 1, activation: null));
        block = Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = block.call(input);
        return (hasShortcut ? x.PlusInPlace(input) : x).MoveToOuterDisposeScope();
    }
}
