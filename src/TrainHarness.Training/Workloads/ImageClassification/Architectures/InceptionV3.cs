using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture InceptionV3 { get; } =
        new(
            "inception_v3",
            new DateOnly(2015, 12, 2),
            "arXiv:1512.00567",
            MinimumImageSize: 75,
            HasBatchNormalisation: true,
            options => new InceptionV3(options)
        )
        {
            MinimumImageSizeWithHeads = 299,
        };
}

/// <summary>torchvision/models/inception.py.</summary>
internal sealed class InceptionV3 : Module<Tensor, Tensor>
{
    private readonly InceptionConvolution Conv2d_1a_3x3 = new(3, 32, 3, stride: 2);
    private readonly InceptionConvolution Conv2d_2a_3x3 = new(32, 32, 3);
    private readonly InceptionConvolution Conv2d_2b_3x3 = new(32, 64, 3, padding: 1);
    private readonly MaxPool2d maxpool1 = MaxPool2d(3, stride: 2);
    private readonly InceptionConvolution Conv2d_3b_1x1 = new(64, 80, 1);
    private readonly InceptionConvolution Conv2d_4a_3x3 = new(80, 192, 3);
    private readonly MaxPool2d maxpool2 = MaxPool2d(3, stride: 2);
    private readonly InceptionA Mixed_5b = new(192, pooled: 32);
    private readonly InceptionA Mixed_5c = new(256, pooled: 64);
    private readonly InceptionA Mixed_5d = new(288, pooled: 64);
    private readonly InceptionB Mixed_6a = new(288);
    private readonly InceptionC Mixed_6b = new(768, width: 128);
    private readonly InceptionC Mixed_6c = new(768, width: 160);
    private readonly InceptionC Mixed_6d = new(768, width: 160);
    private readonly InceptionC Mixed_6e = new(768, width: 192);
    private readonly InceptionV3Head? AuxLogits;
    private readonly InceptionD Mixed_7a = new(768);
    private readonly InceptionE Mixed_7b = new(1280);
    private readonly InceptionE Mixed_7c = new(2048);
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Dropout dropout = Dropout(0.5);
    private readonly Linear fc;

    public InceptionV3(NetworkOptions options)
        : base(nameof(InceptionV3))
    {
        if (options.AuxiliaryHeads)
            AuxLogits = new InceptionV3Head(768, options.Classes);
        fc = Weighted.Linear(2048, options.Classes);
        RegisterComponents();
        foreach (var weight in modules().OfType<Conv2d>().Select(layer => layer.weight!).Append(fc.weight!))
            Initialisation.Normal(weight, 0.1);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = maxpool1.call(Conv2d_2b_3x3.call(Conv2d_2a_3x3.call(Conv2d_1a_3x3.call(input))));
        x = maxpool2.call(Conv2d_4a_3x3.call(Conv2d_3b_1x1.call(x)));
        x = Mixed_6a.call(Mixed_5d.call(Mixed_5c.call(Mixed_5b.call(x))));
        var middle = Mixed_6e.call(Mixed_6d.call(Mixed_6c.call(Mixed_6b.call(x))));
        x = Mixed_7c.call(Mixed_7b.call(Mixed_7a.call(middle)));
        var logits = fc.call(dropout.call(avgpool.call(x)).flatten(1));
        if (training && AuxLogits is not null)
            logits = stack([logits, AuxLogits.call(middle)]);
        return logits.MoveToOuterDisposeScope();
    }
}

/// <summary>A classifier on the last 17×17 map, for training only (section 4 of the paper).</summary>
internal sealed class InceptionV3Head : Module<Tensor, Tensor>
{
    private readonly AvgPool2d pool = AvgPool2d(5, stride: 3);
    private readonly InceptionConvolution conv0;
    private readonly InceptionConvolution conv1 = new(128, 768, 5);
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Linear fc;

    public InceptionV3Head(int inputs, int classes)
        : base(nameof(InceptionV3Head))
    {
        conv0 = new InceptionConvolution(inputs, 128, 1);
        fc = Weighted.Linear(768, classes);
        RegisterComponents();
        Initialisation.Normal(fc.weight!, 0.001);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = avgpool.call(conv1.call(conv0.call(pool.call(input))));
        return fc.call(x.flatten(1)).MoveToOuterDisposeScope();
    }
}
