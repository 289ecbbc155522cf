using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture SqueezeNet11 { get; } =
        new(
            "squeezenet1_1",
            new DateOnly(2016, 2, 24),
            "arXiv:1602.07360",
            MinimumImageSize: 17,
            HasBatchNormalisation: false,
            options => new SqueezeNet(options.Classes)
        )
        {
            EndsInReLU = true,
        };
}

/// <summary>torchvision/models/squeezenet.py, version 1.1.</summary>
internal sealed class SqueezeNet : Module<Tensor, Tensor>
{
    private readonly Sequential features = Sequential(
        Weighted.Conv2d(3, 64, 3, stride: 2),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2, ceil_mode: true),
        new Fire(64, 16, 64),
        new Fire(128, 16, 64),
        MaxPool2d(3, stride: 2, ceil_mode: true),
        new Fire(128, 32, 128),
        new Fire(256, 32, 128),
        MaxPool2d(3, stride: 2, ceil_mode: true),
        new Fire(256, 48, 192),
        new Fire(384, 48, 192),
        new Fire(384, 64, 256),
        new Fire(512, 64, 256)
    );

    private readonly Sequential classifier;

    public SqueezeNet(int classes)
        : base(nameof(SqueezeNet))
    {
        var last = Weighted.Conv2d(512, classes, 1);
        classifier = Sequential(Dropout(0.5), last, ReLU(inplace: true), AdaptiveAvgPool2d((1, 1)));
        RegisterComponents();
        foreach (var convolution in modules().OfType<Conv2d>())
            Initialise(convolution, isLast: ReferenceEquals(convolution, last));
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(features.call(input)).flatten(1).MoveToOuterDisposeScope();
    }

    private static void Initialise(Conv2d convolution, bool isLast)
    {
        if (isLast)
            init.normal_(convolution.weight!, mean: 0, std: 0.01);
        else
            init.kaiming_uniform_(convolution.weight!); // fan-in, gain √2
        init.zeros_(convolution.bias!);
    }
}

/// <summary>
/// A 1×1 convolution that squeezes the channels, and a 1×1 beside a 3×3 one that expand them, to <c>2·expand</c> channels.
/// </summary>
internal sealed class Fire : Module<Tensor, Tensor>
{
    private readonly Conv2d squeeze;
    private readonly ReLU squeeze_activation = ReLU(inplace: true);
    private readonly Conv2d expand1x1;
    private readonly ReLU expand1x1_activation = ReLU(inplace: true);
    private readonly Conv2d expand3x3;
    private readonly ReLU expand3x3_activation = ReLU(inplace: true);

    public Fire(int inputs, int squeezed, int expanded)
        : base(nameof(Fire))
    {
        squeeze = Weighted.Conv2d(inputs, squeezed, 1);
        expand1x1 = Weighted.Conv2d(squeezed, expanded, 1);
        expand3x3 = Weighted.Conv2d(squeezed, expanded, 3, padding: 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = squeeze_activation.call(squeeze.call(input));
        return cat([expand1x1_activation.call(expand1x1.call(x)), expand3x3_activation.call(expand3x3.call(x))], 1)
            .MoveToOuterDisposeScope();
    }
}
