using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    /// <summary>The one-tower form without local response normalisation ("One weird trick", 2014); dated by the network of 2012.</summary>
    public static Architecture AlexNet { get; } =
        new(
            "alexnet",
            new DateOnly(2012, 6, 1),
            "arXiv:1404.5997",
            MinimumImageSize: 63,
            HasBatchNormalisation: false,
            options => new AlexNet(options.Classes)
        );

    /// <summary>The network of 2012: two towers, as grouped convolutions, with local response normalisation.</summary>
    public static Architecture AlexNet2012 { get; } =
        new(
            "alexnet_2012",
            new DateOnly(2012, 6, 1),
            "Krizhevsky et al. 2012",
            MinimumImageSize: 67,
            HasBatchNormalisation: false,
            options => new AlexNet2012(options.Classes)
        );
}

/// <summary>torchvision/models/alexnet.py, with PyTorch's default initialisation.</summary>
internal sealed class AlexNet : Module<Tensor, Tensor>
{
    private readonly Sequential features = Sequential(
        Weighted.Conv2d(3, 64, 11, stride: 4, padding: 2),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2),
        Weighted.Conv2d(64, 192, 5, padding: 2),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2),
        Weighted.Conv2d(192, 384, 3, padding: 1),
        ReLU(inplace: true),
        Weighted.Conv2d(384, 256, 3, padding: 1),
        ReLU(inplace: true),
        Weighted.Conv2d(256, 256, 3, padding: 1),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2)
    );

    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((6, 6));
    private readonly Sequential classifier;

    public AlexNet(int classes)
        : base(nameof(AlexNet))
    {
        classifier = Sequential(
            Dropout(0.5),
            Weighted.Linear(256 * 6 * 6, 4096),
            ReLU(inplace: true),
            Dropout(0.5),
            Weighted.Linear(4096, 4096),
            ReLU(inplace: true),
            Weighted.Linear(4096, classes)
        );
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(avgpool.call(features.call(input)).flatten(1)).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Krizhevsky, Sutskever and Hinton 2012, sections 3 and 5, for images of 227 pixels; at other sizes the last map is averaged, or
/// stretched, to 6 × 6. Weights start from N(0, 0.01²), the biases of the second, fourth and fifth convolution and of the hidden linear
/// layers at 1, the others at 0.
/// </summary>
internal sealed class AlexNet2012 : Module<Tensor, Tensor>
{
    private readonly Sequential features = Sequential(
        Weighted.Conv2d(3, 96, 11, stride: 4),
        ReLU(inplace: true),
        new ResponseNormalisation(),
        MaxPool2d(3, stride: 2),
        Weighted.Conv2d(96, 256, 5, padding: 2, groups: 2),
        ReLU(inplace: true),
        new ResponseNormalisation(),
        MaxPool2d(3, stride: 2),
        Weighted.Conv2d(256, 384, 3, padding: 1),
        ReLU(inplace: true),
        Weighted.Conv2d(384, 384, 3, padding: 1, groups: 2),
        ReLU(inplace: true),
        Weighted.Conv2d(384, 256, 3, padding: 1, groups: 2),
        ReLU(inplace: true),
        MaxPool2d(3, stride: 2)
    );

    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((6, 6));
    private readonly Sequential classifier;

    public AlexNet2012(int classes)
        : base(nameof(AlexNet2012))
    {
        classifier = Classifier(256 * 6 * 6, classes);
        RegisterComponents();
        foreach (var (name, parameter) in named_parameters())
        {
            if (name.EndsWith("weight", StringComparison.Ordinal))
                init.normal_(parameter, mean: 0, std: 0.01);
            else if (name is "features.4.bias" or "features.10.bias" or "features.12.bias" or "classifier.0.bias" or "classifier.3.bias")
                init.ones_(parameter);
            else
                init.zeros_(parameter);
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(avgpool.call(features.call(input)).flatten(1)).MoveToOuterDisposeScope();
    }

    /// <summary>Two hidden layers, half of whose outputs are dropped while training (sections 3.5 and 4.2).</summary>
    internal static Sequential Classifier(int inputs, int classes) =>
        Sequential(
            Weighted.Linear(inputs, 4096),
            ReLU(inplace: true),
            Dropout(0.5),
            Weighted.Linear(4096, 4096),
            ReLU(inplace: true),
            Dropout(0.5),
            Weighted.Linear(4096, classes)
        );
}

/// <summary>
/// Each value divided by a power of the squares around it, over the channels: section 3.3 with its k = 2, n = 5, alpha = 1e-4, beta = 0.75.
/// </summary>
internal sealed class ResponseNormalisation() : Module<Tensor, Tensor>(nameof(ResponseNormalisation)), IUnpricedModule
{
    // libtorch cannot reshape an empty batch here; PyTorch's Python returns it as it is. It divides alpha by n, the paper does not.
    public override Tensor forward(Tensor input) =>
        input.numel() == 0 ? input.alias() : functional.local_response_norm(input, 5, alpha: 5 * 1e-4, beta: 0.75, k: 2);
}
