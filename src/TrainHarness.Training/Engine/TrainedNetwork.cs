using TrainHarness.Protocol;
using TrainHarness.Training.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Engine;

/// <summary>The network that an entry trains: its architecture, with the parts that its recipe asks for.</summary>
internal static class TrainedNetwork
{
    /// <returns>In training mode on the device.</returns>
    public static nn.Module<Tensor, Tensor> Build(Architecture architecture, Entry entry, int seed, int classes, int imageSize, Device device)
    {
        var options = new NetworkOptions(classes, imageSize)
        {
            AuxiliaryHeads = entry.Recipe.AuxiliaryLossWeight is not null,
            DropPath = entry.Recipe.DropPath,
        };
        return architecture.BuildFrom(entry.StartFor(architecture.HasBatchNormalisation).Initialisation, seed, options, device);
    }
}
