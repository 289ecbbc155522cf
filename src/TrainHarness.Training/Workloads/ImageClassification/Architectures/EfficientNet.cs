using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture EfficientNetB0 { get; } =
        new("efficientnet_b0", new DateOnly(2019, 5, 28), "arXiv:1905.11946", MinimumImageSize: 1, HasBatchNormalisation: true, options =>
            EfficientNet.Scaled(options, options.Width, options.Depth)
        )
        {
            HasDropPath = true,
            HasWidth = true,
            HasDepth = true,
        };

    public static Architecture EfficientNetB1 { get; } =
        new("efficientnet_b1", new DateOnly(2019, 5, 28), "arXiv:1905.11946", MinimumImageSize: 1, HasBatchNormalisation: true, options =>
            EfficientNet.Scaled(options, width: 1, depth: 1.1)
        )
        {
            HasDropPath = true,
        };

    public static Architecture EfficientNetV2S { get; } =
        new(
            "efficientnet_v2_s",
            new DateOnly(2021, 4, 1),
            "arXiv:2104.00298",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new EfficientNet(options, EfficientNet.V2Small, last: 1280, epsilon: 1e-3)
        )
        {
            HasDropPath = true,
        };
}

/// <summary>A row of table 1 of arXiv:1905.11946, or of table 4 of arXiv:2104.00298.</summary>
/// <param name="IsFused">One square convolution in place of the widening and the depthwise one, without squeeze and excitation.</param>
internal readonly record struct EfficientNetStage(
    int Expansion,
    int Kernel,
    int Stride,
    int Inputs,
    int Outputs,
    int Repeats,
    bool IsFused = false
);

/// <summary>torchvision/models/efficientnet.py.</summary>
internal sealed class EfficientNet : Module<Tensor, Tensor>
{
    private const double OwnDropPath = 0.2;

    internal static readonly EfficientNetStage[] V2Small =
    [
        new(1, 3, 1, 24, 24, 2, IsFused: true),
        new(4, 3, 2, 24, 48, 4, IsFused: true),
        new(4, 3, 2, 48, 64, 4, IsFused: true),
        new(4, 3, 2, 64, 128, 6),
        new(6, 3, 1, 128, 160, 9),
        new(6, 3, 2, 160, 256, 15),
    ];

    private readonly Sequential features;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Sequential classifier;

    /// <param name="last">Channels of the last convolution.</param>
    /// <param name="epsilon">Of batch normalisation.</param>
    public EfficientNet(NetworkOptions options, EfficientNetStage[] stages, int last, double epsilon)
        : base(nameof(EfficientNet))
    {
        List<Module<Tensor, Tensor>> layers = [ConvolutionUnit.Of(3, stages[0].Inputs, 3, SiLU(), stride: 2, epsilon: epsilon)];
        var (block, blocks) = (0, stages.Sum(stage => stage.Repeats));
        foreach (var stage in stages)
        {
            var units = new List<Module<Tensor, Tensor>>();
            for (var index = 0; index < stage.Repeats; index++, block++)
            {
                var own = index == 0 ? stage : stage with { Inputs = stage.Outputs, Stride = 1 };
                units.Add(new InvertedBottleneck(own, (options.DropPath ?? OwnDropPath) * block / blocks, epsilon));
            }

            layers.Add(Sequential(units));
        }

        layers.Add(ConvolutionUnit.Of(stages[^1].Outputs, last, 1, SiLU(), epsilon: epsilon));
        features = Sequential(layers);
        var linear = Weighted.Linear(last, options.Classes);
        classifier = Sequential(Dropout(0.2), linear);
        RegisterComponents();
        Initialisation.KaimingConvolutions(this);
        var bound = 1 / Math.Sqrt(options.Classes);
        init.uniform_(linear.weight!, -bound, bound);
        init.zeros_(linear.bias!);
    }

    /// <summary>The network that compound scaling starts from, its stages widened and deepened (section 3.3).</summary>
    public static EfficientNet Scaled(NetworkOptions options, double width, double depth)
    {
        var stages = Base(width, depth);
        return new EfficientNet(options, stages, last: 4 * stages[^1].Outputs, epsilon: 1e-5);
    }

    private static EfficientNetStage[] Base(double width, double depth)
    {
        EfficientNetStage[] stages =
        [
            new(1, 3, 1, 32, 16, 1),
            new(6, 3, 2, 16, 24, 2),
            new(6, 5, 2, 24, 40, 2),
            new(6, 3, 2, 40, 80, 3),
            new(6, 5, 1, 80, 112, 3),
            new(6, 5, 2, 112, 192, 4),
            new(6, 3, 1, 192, 320, 1),
        ];
        return
        [
            .. stages.Select(stage =>
                stage with
                {
                    Inputs = Channels.Eighths(stage.Inputs * width),
                    Outputs = Channels.Eighths(stage.Outputs * width),
                    Repeats = (int)Math.Ceiling(stage.Repeats * depth),
                }
            ),
        ];
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(avgpool.call(features.call(input)).flatten(1)).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// MBConv, or Fused-MBConv: widening, depthwise (or both in one), squeeze and excitation, narrowing; a shortcut where the shape stays.
/// </summary>
internal sealed class InvertedBottleneck : Module<Tensor, Tensor>
{
    private readonly Sequential block;
    private readonly DropPath stochastic_depth;
    private readonly bool hasShortcut;

    public InvertedBottleneck(EfficientNetStage stage, double dropPath, double epsilon)
        : base(nameof(InvertedBottleneck))
    {
        hasShortcut = stage.Stride == 1 && stage.Inputs == stage.Outputs;
        block = Sequential(stage.IsFused ? Fused(stage, epsilon) : Depthwise(stage, epsilon));
        stochastic_depth = new DropPath(dropPath);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = block.call(input);
        return (hasShortcut ? stochastic_depth.call(x).Plus(input) : x).MoveToOuterDisposeScope();
    }

    private static IEnumerable<Module<Tensor, Tensor>> Depthwise(EfficientNetStage stage, double epsilon)
    {
        var width = stage.Inputs * stage.Expansion;
        if (width != stage.Inputs)
            yield return ConvolutionUnit.Of(stage.Inputs, width, 1, SiLU(), epsilon: epsilon);
        yield return ConvolutionUnit.Of(width, width, stage.Kernel, SiLU(), stage.Stride, groups: width, epsilon: epsilon);
        yield return new SqueezeExcitation(width, stage.Inputs / 4, SiLU(), Sigmoid());
        yield return ConvolutionUnit.Of(width, stage.Outputs, 1, activation: null, epsilon: epsilon);
    }

    private static IEnumerable<Module<Tensor, Tensor>> Fused(EfficientNetStage stage, double epsilon)
    {
        var width = stage.Inputs * stage.Expansion;
        if (width == stage.Inputs)
        {
            yield return ConvolutionUnit.Of(stage.Inputs, stage.Outputs, stage.Kernel, SiLU(), stage.Stride, epsilon: epsilon);
            yield break;
        }

        yield return ConvolutionUnit.Of(stage.Inputs, width, stage.Kernel, SiLU(), stage.Stride, epsilon: epsilon);
        yield return ConvolutionUnit.Of(width, stage.Outputs, 1, activation: null, epsilon: epsilon);
    }
}
