using System.Reflection;
using System.Runtime.InteropServices;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Sources;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>A network for images that is code of the user's own.</summary>
public static class OwnNetwork
{
    // Statistics over a batch need two.
    private const int MinImages = 2;
    private const int ProbedClasses = 10;

    /// <exception cref="ConfigurationException">It does not compile, is no network for images, or its constructor throws.</exception>
    public static Architecture Of(OwnSource source)
    {
        Native.TorchLibrary.Load();
        var constructor = OwnClass.Find(source, typeof(Module<Tensor, Tensor>), typeof(int));
        var published = Attribute(source, constructor.DeclaringType!);
        Module<Tensor, Tensor> Build(int classes) => (Module<Tensor, Tensor>)OwnClass.Make(source, constructor, classes);
        using var preserved = new PreservedState();
        using var probe = Build(ProbedClasses);
        return new Architecture(
            source.Name,
            published?.Date ?? default,
            published?.Paper ?? "",
            MinimumImageSize: 1,
            NetworkPricer.Modules(probe).Any(layer => IsBatchNormalisation(layer.Module)),
            options => Build(options.Classes)
        )
        {
            Source = source,
        };
    }

    /// <summary>
    /// What a training step on a batch of images costs, in which layers and operators agree. Images run: what somebody else wrote need not
    /// work on none at all.
    /// </summary>
    /// <param name="images">At least two run.</param>
    /// <returns>For as many as ran.</returns>
    /// <exception cref="ConfigurationException">
    /// A layer has no formula, an operator multiplies what no price holds, or the network does not run.
    /// </exception>
    public static (NetworkCost Cost, long Parameters) Price(Architecture architecture, NetworkOptions options, int images)
    {
        var source = architecture.Source
            ?? throw new ArgumentException($"{architecture.Name} is not the user's own.", nameof(architecture));
        architecture.Require(options);
        var count = Math.Max(MinImages, images);
        using var preserved = new PreservedState();
        using var scope = NewDisposeScope();
        try
        {
            using var network = architecture.Build(options);
            network.train();
            if (NetworkPricer.OperatorsProblem is { } problem)
                throw new NotSupportedException($"a network of your own must be counted by operator, and {problem}.");
            var cost = NetworkPricer.PriceByOperators(network, count, () =>
                Loss(source, network, zeros(count, 3, options.ImageSize, options.ImageSize), options.Classes)
            );
            return (cost, Architecture.Parameters(network));
        }
        catch (Exception error)
            when (error
                    is NotSupportedException
                        or InvalidOperationException
                        or ArgumentException
                        or ExternalException
                        or EntryPointNotFoundException
            )
        {
            throw new ConfigurationException($"{source.File}: {error.Message.Split('\n')[0]}", error);
        }
    }

    private static Tensor Loss(OwnSource source, Module<Tensor, Tensor> network, Tensor images, int classes)
    {
        var logits = network.call(images);
        return logits.shape is [var count, var width] && count == images.shape[0] && width == classes
            ? logits.mean()
            : throw new ConfigurationException(
                $"{source.File}: of {images.shape[0]} images {network.GetType().Name}({classes}) makes "
                    + $"[{string.Join(", ", logits.shape)}]; expected: [{images.shape[0]}, {classes}], a number for each class."
            );
    }

    private static PublishedAttribute? Attribute(OwnSource source, Type type)
    {
        try
        {
            return type.GetCustomAttribute<PublishedAttribute>();
        }
        catch (FormatException error)
        {
            throw new ConfigurationException(
                $"{source.File}: the date in [Published(…)] of {type.Name} is none; allowed: 2024-03-29.",
                error
            );
        }
    }

    private static bool IsBatchNormalisation(TorchSharp.torch.nn.Module module) =>
        module is BatchNormalisation or TorchSharp.Modules.BatchNorm1d or TorchSharp.Modules.BatchNorm2d or TorchSharp.Modules.BatchNorm3d;
}
