using TrainHarness.Files;
using TrainHarness.Protocol;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>A network for images that is code of the user's own.</summary>
public static class OwnNetwork
{
    // Statistics over a batch need two.
    private const int MinImages = 2;
    private const int ProbedClasses = 10;

    /// <summary>Whether the code holds one.</summary>
    /// <exception cref="ConfigurationException">It does not compile.</exception>
    public static bool Fits(OwnSource source) => OwnModel<Module<Tensor, Tensor>, int>.Fits(source);

    /// <summary>What one can be asked for: nobody knows which sizes it takes before it has run.</summary>
    public static ArchitectureLimits Limits(string name) =>
        new(name, MinimumSize: 1, SizeMultiple: 1, MinimumSizeWithHeads: null, HasDropPath: false);

    /// <exception cref="ConfigurationException">It does not compile, is no network for images, or its constructor throws.</exception>
    public static Architecture Of(OwnSource source) => Of(source, Model(source));

    /// <summary>What a training step on a batch of images costs, in which layers and operators agree.</summary>
    /// <param name="images">At least two run.</param>
    /// <exception cref="ConfigurationException">
    /// A layer has no formula, an operator multiplies what no price holds, or the network does not run.
    /// </exception>
    public static StepCount Price(OwnSource source, NetworkOptions options, int images)
    {
        var model = Model(source);
        Of(source, model).Require(options);
        var count = Math.Max(MinImages, images);
        return model.Count(
            options.Classes,
            count,
            FormattableString.Invariant($"{options.ImageSize} px, {options.Classes} classes"),
            network =>
            {
                var logits = network.call(zeros(count, 3, options.ImageSize, options.ImageSize));
                model.RequireShape(network, $"{count} images", logits, [count, options.Classes], "a number for each class");
                return logits.mean();
            },
            _ => { }
        );
    }

    private static OwnModel<Module<Tensor, Tensor>, int> Model(OwnSource source) =>
        OwnModel<Module<Tensor, Tensor>, int>.Of(source, ProbedClasses, "an int (the number of classes)");

    private static Architecture Of(OwnSource source, OwnModel<Module<Tensor, Tensor>, int> model) =>
        new(source.Name, model.Published, model.Paper, MinimumImageSize: 1, model.HasBatchNormalisation, options =>
            model.Build(options.Classes)
        )
        {
            Source = source,
        };
}
