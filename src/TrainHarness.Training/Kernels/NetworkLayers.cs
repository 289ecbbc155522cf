using TorchSharp.Modules;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Kernels;

/// <summary>The convolutions and linear layers of a network, as pricing sees them, with the shapes that will run through them.</summary>
internal static class NetworkLayers
{
    /// <returns>Each shape once, in the order of the network; the largest training batch first.</returns>
    /// <exception cref="Files.ConfigurationException">The image does not suit the architecture.</exception>
    public static IReadOnlyList<CheckedLayer> Of(KernelCheckRequest request)
    {
        var architecture = ArchitectureCatalog.ByName(request.Architecture);
        var options = new NetworkOptions(request.Classes, request.ImageSize)
        {
            AuxiliaryHeads = request.AuxiliaryHeads,
            DropPath = request.DropPath,
            Width = request.Width,
            Depth = request.Depth,
        };
        architecture.Require(options);
        using var network = architecture.Build(options);
        network.train();
        var training = Run(network, request.ImageSize);
        network.eval();
        var evaluation = Run(network, request.ImageSize);
        var all = request
            .TrainingBatches.OrderDescending()
            .SelectMany(batch => training.Select(layer => WithBatch(layer, batch)))
            .Concat(
                request.EvaluationBatches.SelectMany(batch =>
                    evaluation.Select(layer => WithBatch(layer, batch) with { IsTrained = false, NeedsGradInput = false })
                )
            );
        return [.. all.DistinctBy(layer => layer.Shape)];
    }

    /// <summary>
    /// No images at all have every shape but their own number, and reach no kernel: a wrong or crashing one is not met here.
    /// </summary>
    private static List<CheckedLayer> Run(nn.Module<Tensor, Tensor> network, int imageSize)
    {
        List<CheckedLayer> layers = [];
        using var scope = NewDisposeScope();
        using var withGradients = enable_grad();
        var hooks = network
            .named_modules()
            .Where(named => named.module is Conv2d or Linear)
            .Select(named =>
                ((nn.Module<Tensor, Tensor>)named.module).register_forward_hook(
                    (module, x, y) =>
                    {
                        layers.Add(Layer(named.name, module, LayerRun.Of([x], y)));
                        return y;
                    }
                )
            )
            .ToList();
        try
        {
            using var noImages = zeros(0, 3, imageSize, imageSize);
            network.call(noImages);
        }
        finally
        {
            hooks.ForEach(hook => hook.remove());
        }

        return layers;
    }

    private static CheckedLayer Layer(string name, nn.Module module, LayerRun run)
    {
        var (weight, bias) = module is Conv2d convolution
            ? (convolution.weight!, convolution.bias)
            : (((Linear)module).weight!, ((Linear)module).bias);
        return new CheckedLayer
        {
            Name = name,
            Input = run.Input,
            Weight = weight.shape,
            HasBias = bias is not null,
            Stride = (module as Conv2d)?.stride ?? [],
            Padding = module is Conv2d padded ? PaddingOf(padded) : [],
            Dilation = (module as Conv2d)?.dilation ?? [],
            Groups = (module as Conv2d)?.groups ?? 1,
            IsTrained = weight.requires_grad,
            NeedsGradInput = run.NeedsGradInput,
        };
    }

    private static long[] PaddingOf(Conv2d convolution) => convolution.padding ?? [0, 0];

    // A layer whose first dimension is not the batch runs as it is.
    private static CheckedLayer WithBatch(CheckedLayer layer, int batch) =>
        layer.Input is [0, ..] ? layer with { Input = [batch, .. layer.Input.Skip(1)] } : layer;
}
