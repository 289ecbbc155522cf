using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture MobileNetV2 { get; } =
        new(
            "mobilenet_v2",
            new DateOnly(2018, 1, 13),
            "arXiv:1801.04381",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new MobileNetV2(options)
        )
        {
            HasWidth = true,
        };
}

/// <summary>torchvision/models/mobilenetv2.py: the last convolution is widened, never narrowed.</summary>
internal sealed class MobileNetV2 : Module<Tensor, Tensor>
{
    /// <summary>Table 2 of the paper: expansion, outputs, repeats, stride of the first.</summary>
    private static readonly (int Expansion, int Outputs, int Repeats, int Stride)[] Stages =
    [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ];

    private readonly Sequential features;
    private readonly Sequential classifier;

    public MobileNetV2(NetworkOptions options)
        : base(nameof(MobileNetV2))
    {
        var last = Channels.Eighths(1280 * Math.Max(1, options.Width));
        features = Sequential(Layers(options.Width, last));
        classifier = Sequential(Dropout(0.2), Weighted.Linear(last, options.Classes));
        RegisterComponents();
        Initialisation.KaimingConvolutions(this);
        Initialisation.NormalLinears(this, 0.01);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(features.call(input).mean([2, 3])).MoveToOuterDisposeScope();
    }

    internal static Sequential Activated(int inputs, int outputs, int kernel, int stride = 1, int groups = 1) =>
        ConvolutionUnit.Of(inputs, outputs, kernel, ReLU6(), stride, groups);

    private static IEnumerable<Module<Tensor, Tensor>> Layers(double width, int last)
    {
        var inputs = Channels.Eighths(32 * width);
        yield return Activated(3, inputs, 3, stride: 2);
        foreach (var (expansion, published, repeats, stride) in Stages)
        {
            var outputs = Channels.Eighths(published * width);
            for (var index = 0; index < repeats; index++)
            {
                yield return new LinearBottleneck(inputs, outputs, index == 0 ? stride : 1, expansion);
                inputs = outputs;
            }
        }

        yield return Activated(inputs, last, 1);
    }
}

/// <summary>
/// A widening 1×1, a depthwise 3×3 and a narrowing 1×1 convolution without activation, with a shortcut where the shape stays.
/// </summary>
internal sealed class LinearBottleneck : Module<Tensor, Tensor>
{
    private readonly Sequential conv;
    private readonly bool hasShortcut;

    public LinearBottleneck(int inputs, int outputs, int stride, int expansion)
        : base(nameof(LinearBottleneck))
    {
        var width = inputs * expansion;
        hasShortcut = stride == 1 && inputs == outputs;
        List<Module<Tensor, Tensor>> layers =
        [
            MobileNetV2.Activated(width, width, 3, stride, groups: width),
            Weighted.Conv2d(width, outputs, 1, bias: false),
            new BatchNormalisation(outputs),
        ];
        if (expansion != 1)
            layers.Insert(0, MobileNetV2.Activated(inputs, width, 1));
        conv = Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = conv.call(input);
        return (hasShortcut ? x.PlusInPlace(input) : x).MoveToOuterDisposeScope();
    }
}
