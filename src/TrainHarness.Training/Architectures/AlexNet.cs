using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Architectures;

public sealed partial record Architecture
{
    /// <summary>The one-tower form without local response normalisation ("One weird trick", 2014); dated by the network of 2012.</summary>
    public static Architecture AlexNet { get; } = new(
        "alexnet", new DateOnly(2012, 6, 1), "arXiv:1404.5997", MinimumImageSize: 63, HasBatchNormalisation: false, classes => new AlexNet(classes));
}

/// <summary>torchvision/models/alexnet.py, with PyTorch's default initialisation.</summary>
internal sealed class AlexNet : Module<Tensor, Tensor>
{
    private readonly Sequential features = Sequential(
        Conv2d(3, 64, 11, stride: 4, padding: 2),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2),
        Conv2d(64, 192, 5, padding: 2),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2),
        Conv2d(192, 384, 3, padding: 1),
        ReLU(inplace: true),
        Conv2d(384, 256, 3, padding: 1),
        ReLU(inplace: true),
        Conv2d(256, 256, 3, padding: 1),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2));

    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((6, 6));
    private readonly Sequential classifier;

    public AlexNet(int classes)
        : base(nameof(AlexNet))
    {
        classifier = Sequential(
            Dropout(0.5),
            Linear(256 * 6 * 6, 4096),
            ReLU(inplace: true),
            Dropout(0.5),
            Linear(4096, 4096),
            ReLU(inplace: true),
            Linear(4096, classes));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(avgpool.call(features.call(input)).flatten(1)).MoveToOuterDisposeScope();
    }
}
