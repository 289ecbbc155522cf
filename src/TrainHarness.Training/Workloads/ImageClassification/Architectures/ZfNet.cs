using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture ZfNet { get; } =
        new(
            "zfnet",
            new DateOnly(2013, 11, 12),
            "arXiv:1311.2901",
            MinimumImageSize: 47,
            HasBatchNormalisation: false,
            options => new ZfNet(options.Classes)
        );
}

/// <summary>
/// Zeiler and Fergus 2013, figure 3: AlexNet in one tower with a 7×7 first convolution of stride 2 and a second of stride 2. Contrast
/// normalisation as AlexNet's local response normalisation; weights start from N(0, 0.01²), biases at 0 (section 3). At other sizes than
/// 224 the last map is averaged to 6 × 6.
/// </summary>
internal sealed class ZfNet : Module<Tensor, Tensor>
{
    private readonly Sequential features = Sequential(
        Weighted.Conv2d(3, 96, 7, stride: 2, padding: 1),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2, ceil_mode: true),
        new ResponseNormalisation(),
        Weighted.Conv2d(96, 256, 5, stride: 2),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2, ceil_mode: true),
        new ResponseNormalisation(),
        Weighted.Conv2d(256, 384, 3, padding: 1),
        ReLU(inplace: true),
        Weighted.Conv2d(384, 384, 3, padding: 1),
        ReLU(inplace: true),
        Weighted.Conv2d(384, 256, 3, padding: 1),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2, ceil_mode: true)
    );

    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((6, 6));
    private readonly Sequential classifier;

    public ZfNet(int classes)
        : base(nameof(ZfNet))
    {
        classifier = AlexNet2012.Classifier(256 * 6 * 6, classes);
        RegisterComponents();
        Initialisation.NormalConvolutions(this, 0.01);
        Initialisation.NormalLinears(this, 0.01);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(avgpool.call(features.call(input)).flatten(1)).MoveToOuterDisposeScope();
    }
}
