using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture MobileNetV1 { get; } =
        new(
            "mobilenet_v1",
            new DateOnly(2017, 4, 17),
            "arXiv:1704.04861",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new MobileNetV1(options)
        )
        {
            HasWidth = true,
        };
}

/// <summary>
/// Howard et al. 2017, table 1, at any width (section 3.3). The paper names no initial weights; they are those of He et al. (uniform,
/// fan-in).
/// </summary>
internal sealed class MobileNetV1 : Module<Tensor, Tensor>
{
    private static readonly (int Outputs, int Stride)[] Stages =
    [
        (64, 1),
        (128, 2),
        (128, 1),
        (256, 2),
        (256, 1),
        (512, 2),
        (512, 1),
        (512, 1),
        (512, 1),
        (512, 1),
        (512, 1),
        (1024, 2),
        (1024, 1),
    ];

    private readonly Sequential features;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Linear fc;

    public MobileNetV1(NetworkOptions options)
        : base(nameof(MobileNetV1))
    {
        features = Sequential(Layers(options.Width));
        fc = Weighted.Linear(At(options.Width, 1024), options.Classes);
        RegisterComponents();
        Initialisation.KaimingUniformConvolutions(this);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return fc.call(avgpool.call(features.call(input)).flatten(1)).MoveToOuterDisposeScope();
    }

    // As its authors' code: cut, and eight at the fewest.
    private static int At(double width, int channels) => Math.Max(8, (int)(channels * width));

    private static IEnumerable<Module<Tensor, Tensor>> Layers(double width)
    {
        var inputs = At(width, 32);
        yield return ConvolutionUnit.Of(3, inputs, 3, ReLU(inplace: true), stride: 2);
        foreach (var (published, stride) in Stages)
        {
            var outputs = At(width, published);
            yield return ConvolutionUnit.Of(inputs, inputs, 3, ReLU(inplace: true), stride, groups: inputs);
            yield return ConvolutionUnit.Of(inputs, outputs, 1, ReLU(inplace: true));
            inputs = outputs;
        }
    }
}
