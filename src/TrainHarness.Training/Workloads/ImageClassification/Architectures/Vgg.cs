using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    /// <summary>Configuration A.</summary>
    public static Architecture Vgg11 { get; } =
        new("vgg11", new DateOnly(2014, 9, 4), "arXiv:1409.1556", MinimumImageSize: 32, HasBatchNormalisation: false, options => new Vgg(
            options.Classes,
            [
                [64],
                [128],
                [256, 256],
                [512, 512],
                [512, 512],
            ]
        ));

    /// <summary>Configuration D.</summary>
    public static Architecture Vgg16 { get; } =
        new("vgg16", new DateOnly(2014, 9, 4), "arXiv:1409.1556", MinimumImageSize: 32, HasBatchNormalisation: false, options => new Vgg(
            options.Classes,
            [
                [64, 64],
                [128, 128],
                [256, 256, 256],
                [512, 512, 512],
                [512, 512, 512],
            ]
        ));
}

/// <summary>torchvision/models/vgg.py without batch normalisation.</summary>
internal sealed class Vgg : Module<Tensor, Tensor>
{
    private readonly Sequential features;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((7, 7));
    private readonly Sequential classifier;

    /// <param name="stages">Outputs of the 3×3 convolutions of each stage; a stage ends with a pooling.</param>
    public Vgg(int classes, int[][] stages)
        : base(nameof(Vgg))
    {
        features = Sequential(Layers(stages));
        classifier = AlexNet2012.Classifier(512 * 7 * 7, classes);
        RegisterComponents();
        Initialisation.KaimingConvolutions(this);
        Initialisation.NormalLinears(this, 0.01);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(avgpool.call(features.call(input)).flatten(1)).MoveToOuterDisposeScope();
    }

    private static IEnumerable<Module<Tensor, Tensor>> Layers(int[][] stages)
    {
        var inputs = 3;
        foreach (var stage in stages)
        {
            foreach (var outputs in stage)
            {
                yield return Weighted.Conv2d(inputs, outputs, 3, padding: 1);
                yield return ReLU(inplace: true);
                inputs = outputs;
            }

            yield return MaxPool2d(2, stride: 2);
        }
    }
}
