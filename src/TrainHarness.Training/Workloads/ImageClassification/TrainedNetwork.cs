using TorchSharp.Modules;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>The network that an entry trains: its architecture, with the parts that its recipe asks for.</summary>
public static class TrainedNetwork
{
    public static NetworkOptions Options(Entry entry, int classes, int imageSize) =>
        new(classes, imageSize)
        {
            AuxiliaryHeads = entry.Recipe.AuxiliaryLossWeight is not null,
            DropPath = entry.Recipe.DropPath,
            Width = entry.Variant?.Width ?? 1,
            Depth = entry.Variant?.Depth ?? 1,
        };

    /// <returns>In training mode on the device.</returns>
    public static nn.Module<Tensor, Tensor> Build(
        Architecture architecture,
        Entry entry,
        int seed,
        int classes,
        int imageSize,
        Device device
    )
    {
        var initialisation = entry.StartFor(architecture.HasBatchNormalisation).Initialisation;
        var network = architecture.BuildFrom(initialisation, seed, Options(entry, classes, imageSize), device);
        if (entry.Recipe.BatchNormalisationMomentum is { } momentum)
            SetMomentum(network, momentum);
        if (entry.Recipe.MemoryFormat == MemoryFormat.ChannelsLast)
            ChannelsLast.Apply(network);
        return network;
    }

    private static void SetMomentum(nn.Module network, double momentum)
    {
        foreach (var module in network.modules())
        {
            if (module is BatchNormalisation own)
                own.Momentum = momentum;
            else if (module is BatchNorm1d or BatchNorm2d or BatchNorm3d)
                throw new ConfigurationException(
                    $"'batchNormalisationMomentum' reaches no {module.GetName()}; allowed: networks that use BatchNormalisation."
                );
        }
    }
}
