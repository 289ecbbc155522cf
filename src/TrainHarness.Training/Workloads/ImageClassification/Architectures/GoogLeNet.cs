using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    /// <summary>With batch normalisation and a 3×3 convolution in place of the paper's 5×5, as torchvision has it.</summary>
    public static Architecture GoogLeNet { get; } =
        new(
            "googlenet",
            new DateOnly(2014, 9, 17),
            "arXiv:1409.4842",
            MinimumImageSize: 15,
            HasBatchNormalisation: true,
            options => new GoogLeNet(options)
        )
        {
            MinimumImageSizeWithHeads = 15,
        };
}

/// <summary>torchvision/models/googlenet.py.</summary>
internal sealed class GoogLeNet : Module<Tensor, Tensor>
{
    private readonly InceptionConvolution conv1 = new(3, 64, 7, stride: 2, padding: 3);
    private readonly MaxPool2d maxpool1 = MaxPool2d(3, stride: 2, ceil_mode: true);
    private readonly InceptionConvolution conv2 = new(64, 64, 1);
    private readonly InceptionConvolution conv3 = new(64, 192, 3, padding: 1);
    private readonly MaxPool2d maxpool2 = MaxPool2d(3, stride: 2, ceil_mode: true);
    private readonly GoogLeNetBlock inception3a = new(192, 64, 96, 128, 16, 32, 32);
    private readonly GoogLeNetBlock inception3b = new(256, 128, 128, 192, 32, 96, 64);
    private readonly MaxPool2d maxpool3 = MaxPool2d(3, stride: 2, ceil_mode: true);
    private readonly GoogLeNetBlock inception4a = new(480, 192, 96, 208, 16, 48, 64);
    private readonly GoogLeNetBlock inception4b = new(512, 160, 112, 224, 24, 64, 64);
    private readonly GoogLeNetBlock inception4c = new(512, 128, 128, 256, 24, 64, 64);
    private readonly GoogLeNetBlock inception4d = new(512, 112, 144, 288, 32, 64, 64);
    private readonly GoogLeNetBlock inception4e = new(528, 256, 160, 320, 32, 128, 128);
    private readonly MaxPool2d maxpool4 = MaxPool2d(2, stride: 2, ceil_mode: true);
    private readonly GoogLeNetBlock inception5a = new(832, 256, 160, 320, 32, 128, 128);
    private readonly GoogLeNetBlock inception5b = new(832, 384, 192, 384, 48, 128, 128);
    private readonly GoogLeNetHead? aux1;
    private readonly GoogLeNetHead? aux2;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Dropout dropout = Dropout(0.2);
    private readonly Linear fc;

    public GoogLeNet(NetworkOptions options)
        : base(nameof(GoogLeNet))
    {
        if (options.AuxiliaryHeads)
        {
            aux1 = new GoogLeNetHead(512, options.Classes);
            aux2 = new GoogLeNetHead(528, options.Classes);
        }

        fc = Weighted.Linear(1024, options.Classes);
        RegisterComponents();
        foreach (
            var weight in modules()
                .OfType<Conv2d>()
                .Select(layer => layer.weight!)
                .Concat(modules().OfType<Linear>().Select(layer => layer.weight!))
        )
            Initialisation.Normal(weight, 0.01);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = maxpool1.call(conv1.call(input));
        x = maxpool2.call(conv3.call(conv2.call(x)));
        x = maxpool3.call(inception3b.call(inception3a.call(x)));
        var first = inception4a.call(x);
        var second = inception4d.call(inception4c.call(inception4b.call(first)));
        x = maxpool4.call(inception4e.call(second));
        x = avgpool.call(inception5b.call(inception5a.call(x))).flatten(1);
        var logits = fc.call(dropout.call(x));
        if (training && aux1 is not null && aux2 is not null)
            logits = stack([logits, aux1.call(first), aux2.call(second)]);
        return logits.MoveToOuterDisposeScope();
    }
}

/// <summary>
/// A convolution without bias, batch normalisation and ReLU, with torchvision's checkpoint keys for the Inception family.
/// </summary>
internal sealed class InceptionConvolution : Module<Tensor, Tensor>
{
    private readonly Conv2d conv;
    private readonly BatchNormalisation bn;
    private readonly ReLU relu = ReLU(inplace: true);

    public InceptionConvolution(int inputs, int outputs, int kernel, int stride = 1, int padding = 0)
        : this(inputs, outputs, (kernel, kernel), stride, (padding, padding)) { }

    public InceptionConvolution(int inputs, int outputs, (long Height, long Width) kernel, int stride, (long Height, long Width) padding)
        : base(nameof(InceptionConvolution))
    {
        conv = Weighted.Conv2d(inputs, outputs, kernel, stride: (stride, stride), padding: padding, bias: false);
        bn = new BatchNormalisation(outputs, epsilon: 0.001);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return relu.call(bn.call(conv.call(input))).MoveToOuterDisposeScope();
    }
}

/// <summary>Figure 2(b) of the paper: a 1×1, two reduced 3×3 and a pooled 1×1 convolution side by side.</summary>
internal sealed class GoogLeNetBlock : Module<Tensor, Tensor>
{
    private readonly InceptionConvolution branch1;
    private readonly Sequential branch2;
    private readonly Sequential branch3;
    private readonly Sequential branch4;

    public GoogLeNetBlock(int inputs, int ones, int threesReduced, int threes, int fivesReduced, int fives, int pooled)
        : base(nameof(GoogLeNetBlock))
    {
        branch1 = new InceptionConvolution(inputs, ones, 1);
        branch2 = Sequential(
            new InceptionConvolution(inputs, threesReduced, 1),
            new InceptionConvolution(threesReduced, threes, 3, padding: 1)
        );
        branch3 = Sequential(
            new InceptionConvolution(inputs, fivesReduced, 1),
            new InceptionConvolution(fivesReduced, fives, 3, padding: 1)
        );
        branch4 = Sequential(MaxPool2d(3, stride: 1, padding: 1, ceil_mode: true), new InceptionConvolution(inputs, pooled, 1));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return cat([branch1.call(input), branch2.call(input), branch3.call(input), branch4.call(input)], 1).MoveToOuterDisposeScope();
    }
}

/// <summary>A classifier on a map halfway through the network, for training only (section 5 of the paper).</summary>
internal sealed class GoogLeNetHead : Module<Tensor, Tensor>
{
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((4, 4));
    private readonly InceptionConvolution conv;
    private readonly Linear fc1 = Weighted.Linear(2048, 1024);
    private readonly ReLU relu = ReLU(inplace: true);
    private readonly Dropout dropout = Dropout(0.7);
    private readonly Linear fc2;

    public GoogLeNetHead(int inputs, int classes)
        : base(nameof(GoogLeNetHead))
    {
        conv = new InceptionConvolution(inputs, 128, 1);
        fc2 = Weighted.Linear(1024, classes);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = conv.call(avgpool.call(input)).flatten(1);
        return fc2.call(dropout.call(relu.call(fc1.call(x)))).MoveToOuterDisposeScope();
    }
}
