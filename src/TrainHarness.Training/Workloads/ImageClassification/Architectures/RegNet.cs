using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

public sealed partial record Architecture
{
    public static Architecture RegNetY400MF { get; } =
        new(
            "regnet_y_400mf",
            new DateOnly(2020, 3, 30),
            "arXiv:2003.13678",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new RegNet(options.Classes, [(48, 1), (104, 3), (208, 6), (440, 6)], groupWidth: 8)
        );
}

/// <summary>torchvision/models/regnet.py with squeeze and excitation (RegNetY).</summary>
internal sealed class RegNet : Module<Tensor, Tensor>
{
    private readonly Sequential stem = ConvolutionUnit.Of(3, 32, 3, ReLU(inplace: true), stride: 2);
    private readonly Sequential trunk_output;
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d((1, 1));
    private readonly Linear fc;

    /// <param name="stages">Channels and blocks of each stage, as the paper's linear rule quantises them (table in appendix).</param>
    /// <param name="groupWidth">Channels of a group of the 3×3 convolutions.</param>
    public RegNet(int classes, (int Width, int Depth)[] stages, int groupWidth)
        : base(nameof(RegNet))
    {
        var inputs = 32;
        var all = new List<(string, Module<Tensor, Tensor>)>();
        for (var stage = 0; stage < stages.Length; stage++)
        {
            var (width, depth) = stages[stage];
            var blocks = new List<(string, Module<Tensor, Tensor>)>();
            for (var block = 0; block < depth; block++)
            {
                blocks.Add(($"block{stage + 1}-{block}", new RegNetBlock(inputs, width, block == 0 ? 2 : 1, groupWidth)));
                inputs = width;
            }

            all.Add(($"block{stage + 1}", Sequential(blocks)));
        }

        trunk_output = Sequential(all);
        fc = Weighted.Linear(inputs, classes);
        RegisterComponents();
        Initialisation.KaimingConvolutions(this, withBiases: false);
        Initialisation.NormalLinears(this, 0.01);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return fc.call(avgpool.call(trunk_output.call(stem.call(input))).flatten(1)).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// A 1×1, a grouped 3×3, squeeze and excitation and a 1×1 convolution beside a shortcut, which is a strided 1×1 convolution where the shape
/// changes.
/// </summary>
internal sealed class RegNetBlock : Module<Tensor, Tensor>
{
    private readonly Sequential? proj;
    private readonly Sequential f;
    private readonly ReLU activation = ReLU(inplace: true);

    public RegNetBlock(int inputs, int width, int stride, int groupWidth)
        : base(nameof(RegNetBlock))
    {
        if (stride != 1 || inputs != width)
            proj = ConvolutionUnit.Of(inputs, width, 1, activation: null, stride);
        f = Sequential(
            ("a", ConvolutionUnit.Of(inputs, width, 1, ReLU(inplace: true))),
            ("b", ConvolutionUnit.Of(width, width, 3, ReLU(inplace: true), stride, groups: width / groupWidth)),
            ("se", new SqueezeExcitation(width, (int)Math.Round(0.25 * inputs), ReLU(inplace: true), Sigmoid())),
            ("c", ConvolutionUnit.Of(width, width, 1, activation: null))
        );
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return activation.call(f.call(input).PlusInPlace(proj?.call(input) ?? input)).MoveToOuterDisposeScope();
    }
}
