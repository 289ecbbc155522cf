using TorchSharp.Modules;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Tests.Extending;

/// <summary>The architecture that docs/extending.md shows. There it is a member of the partial record Architecture.</summary>
internal static class Shown
{
    public static Architecture TinyNet { get; } =
        new(
            "tiny_net",
            new DateOnly(2026, 1, 31),
            "arXiv:2601.00001",
            MinimumImageSize: 1,
            HasBatchNormalisation: true,
            options => new TinyNet(options.Classes)
        );
}

/// <summary>Two convolutions and a classifier.</summary>
internal sealed class TinyNet : Module<Tensor, Tensor>
{
    // The names of fields are the keys of checkpoints.
    private readonly Sequential features = Sequential(
        ConvolutionUnit.Of(3, 16, kernel: 3, ReLU(inplace: true), stride: 2),
        ConvolutionUnit.Of(16, 32, kernel: 3, ReLU(inplace: true), stride: 2),
        AdaptiveAvgPool2d((1, 1))
    );

    private readonly LayerScale scale = new(32);
    private readonly Linear classifier;

    public TinyNet(int classes)
        : base(nameof(TinyNet))
    {
        classifier = Weighted.Linear(32, classes);
        RegisterComponents();
        Initialisation.KaimingConvolutions(this);
    }

    /// <param name="input">[N, 3, S, S].</param>
    /// <returns>[N, classes].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return classifier.call(scale.call(features.call(input).flatten(1))).MoveToOuterDisposeScope();
    }
}
