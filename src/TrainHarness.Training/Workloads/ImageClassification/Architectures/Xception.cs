using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture Xception { get; } =
        new(
            "xception",
            new DateOnly(2016, 10, 7),
            "arXiv:1610.02357",
            MinimumImageSize: 7,
            HasBatchNormalisation: true,
            options => new Xception(options.Classes)
        );
}

/// <summary>
/// Chollet 2016, figure 5, with the dropout of section 4.4. The last map is averaged whole (10 × 10 at 299 pixels). The paper names no
/// initial weights; they are those of He et al. (uniform, fan-in).
/// </summary>
internal sealed class Xception : Module<Tensor, Tensor>
{
    private readonly Sequential features = Sequential(Layers());
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Dropout dropout = Dropout(0.5);
    private readonly Linear fc;

    public Xception(int classes)
        : base(nameof(Xception))
    {
        fc = Weighted.Linear(2048, classes);
        RegisterComponents();
        Initialisation.KaimingUniformConvolutions(this);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return fc.call(dropout.call(avgpool.call(features.call(input)).flatten(1))).MoveToOuterDisposeScope();
    }

    /// <summary>A depthwise 3×3, a 1×1 convolution and batch normalisation.</summary>
    internal static Sequential Separable(int inputs, int outputs) =>
        Sequential(
            Weighted.Conv2d(inputs, inputs, 3, padding: 1, groups: inputs, bias: false),
            Weighted.Conv2d(inputs, outputs, 1, bias: false),
            new BatchNormalisation(outputs)
        );

    private static IEnumerable<Module<Tensor, Tensor>> Layers()
    {
        yield return Sequential(Weighted.Conv2d(3, 32, 3, stride: 2, bias: false), new BatchNormalisation(32), ReLU(inplace: true));
        yield return Sequential(Weighted.Conv2d(32, 64, 3, bias: false), new BatchNormalisation(64), ReLU(inplace: true));
        yield return new XceptionBlock([64, 128, 128], stride: 2, startsWithActivation: false);
        yield return new XceptionBlock([128, 256, 256], stride: 2);
        yield return new XceptionBlock([256, 728, 728], stride: 2);
        for (var block = 0; block < 8; block++)
            yield return new XceptionBlock([728, 728, 728, 728], stride: 1);
        yield return new XceptionBlock([728, 728, 1024], stride: 2);
        yield return Separable(1024, 1536);
        yield return ReLU(inplace: true);
        yield return Separable(1536, 2048);
        yield return ReLU(inplace: true);
    }
}

/// <summary>
/// Separable convolutions, each after a ReLU, beside a shortcut, which is a strided 1×1 convolution where the map is halved.
/// </summary>
internal sealed class XceptionBlock : Module<Tensor, Tensor>
{
    private readonly Sequential body;
    private readonly Sequential? shortcut;

    /// <param name="channels">Of the input and of each convolution's output.</param>
    /// <param name="startsWithActivation">False right behind an activation.</param>
    public XceptionBlock(int[] channels, int stride, bool startsWithActivation = true)
        : base(nameof(XceptionBlock))
    {
        var layers = new List<Module<Tensor, Tensor>>();
        for (var index = 1; index < channels.Length; index++)
        {
            // The first one must leave the input as it is for the shortcut.
            if (index > 1 || startsWithActivation)
                layers.Add(ReLU(inplace: index > 1));
            layers.Add(Xception.Separable(channels[index - 1], channels[index]));
        }

        if (stride > 1)
        {
            layers.Add(MaxPool2d(3, stride: stride, padding: 1));
            shortcut = Sequential(
                Weighted.Conv2d(channels[0], channels[^1], 1, stride: stride, bias: false),
                new BatchNormalisation(channels[^1])
            );
        }

        body = Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return body.call(input).PlusInPlace(shortcut?.call(input) ?? input).MoveToOuterDisposeScope();
    }
}
