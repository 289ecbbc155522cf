using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture MnasNet10 { get; } =
        new(
            "mnasnet1_0",
            new DateOnly(2018, 7, 31),
            "arXiv:1807.11626",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new MnasNet(options)
        )
        {
            HasWidth = true,
        };
}

/// <summary>torchvision/models/mnasnet.py: MnasNet-B1, whose last convolution has one width.</summary>
internal sealed class MnasNet : Module<Tensor, Tensor>
{
    /// <summary>PyTorch's share of the new batch: TensorFlow's 0.9997 of the old.</summary>
    private const double Momentum = 1 - 0.9997;

    private static readonly (int Outputs, int Kernel, int Stride, int Expansion, int Repeats)[] Stages =
    [
        (24, 3, 2, 3, 3),
        (40, 5, 2, 3, 3),
        (80, 5, 2, 6, 3),
        (96, 3, 1, 6, 2),
        (192, 5, 2, 6, 4),
        (320, 3, 1, 6, 1),
    ];

    private readonly Sequential layers;
    private readonly Sequential classifier;

    public MnasNet(NetworkOptions options)
        : base(nameof(MnasNet))
    {
        var (stem, inputs) = (At(32), At(16));
        List<Module<Tensor, Tensor>> all =
        [
            .. Unit(3, stem, 3, stride: 2),
            .. Unit(stem, stem, 3, groups: stem),
            .. Unit(stem, inputs, 1, isActivated: false),
        ];
        foreach (var (published, kernel, stride, expansion, repeats) in Stages)
        {
            var (first, outputs) = (inputs, At(published));
            all.Add(
                Sequential(
                    Enumerable
                        .Range(0, repeats)
                        .Select(index =>
                            (Module<Tensor, Tensor>)
                                new MnasBlock(index == 0 ? first : outputs, outputs, kernel, index == 0 ? stride : 1, expansion)
                        )
                )
            );
            inputs = outputs;
        }

        all.AddRange(Unit(inputs, 1280, 1));
        layers = Sequential(all);
        var last = Weighted.Linear(1280, options.Classes);
        classifier = Sequential(Dropout(0.2), last);
        RegisterComponents();
        Initialisation.KaimingConvolutions(this);
        init.kaiming_uniform_(last.weight!, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.Sigmoid);
        init.zeros_(last.bias!);

        int At(int channels) => Channels.Eighths(channels * options.Width);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(layers.call(input).mean([2, 3])).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="ConvolutionUnit"/>, but one after the other, as torchvision's checkpoints have them.</summary>
    internal static IEnumerable<Module<Tensor, Tensor>> Unit(
        int inputs,
        int outputs,
        int kernel,
        int stride = 1,
        int groups = 1,
        bool isActivated = true
    )
    {
        yield return Weighted.Conv2d(inputs, outputs, kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false);
        yield return new BatchNormalisation(outputs, momentum: Momentum);
        if (isActivated)
            yield return ReLU(inplace: true);
    }
}

/// <summary>
/// A widening 1×1, a depthwise and a narrowing 1×1 convolution without activation, with a shortcut where the shape stays.
/// </summary>
internal sealed class MnasBlock : Module<Tensor, Tensor>
{
    private readonly Sequential layers;
    private readonly bool hasShortcut;

    public MnasBlock(int inputs, int outputs, int kernel, int stride, int expansion)
        : base(nameof(MnasBlock))
    {
        var width = inputs * expansion;
        hasShortcut = stride == 1 && inputs == outputs;
        List<Module<Tensor, Tensor>> all =
        [
            .. MnasNet.Unit(inputs, width, 1),
            .. MnasNet.Unit(width, width, kernel, stride, groups: width),
            .. MnasNet.Unit(width, outputs, 1, isActivated: false),
        ];
        layers = Sequential(all);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = layers.call(input);
        return (hasShortcut ? x.PlusInPlace(input) : x).MoveToOuterDisposeScope();
    }
}
