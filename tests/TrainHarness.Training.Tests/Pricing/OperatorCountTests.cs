using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Pricing;

/// <summary>What libtorch's operators multiply in one step is what the layers are priced with, to the last digit.</summary>
public sealed class OperatorCountTests
{
    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    public OperatorCountTests() => Assert.SkipUnless(NetworkPricer.OperatorsProblem is null, NetworkPricer.OperatorsProblem ?? "");

    [Theory]
    [MemberData(nameof(Names))]
    public void Operators_and_layers_of_an_architecture_agree_forward_and_backward(string name)
    {
        using var scope = NewDisposeScope();
        var architecture = ArchitectureCatalog.ByName(name);
        var size = architecture.MinimumImageSizeWithHeads ?? architecture.MinimumImageSize;
        var options = new NetworkOptions(10, size)
        {
            AuxiliaryHeads = architecture.MinimumImageSizeWithHeads is not null,
            DropPath = architecture.HasDropPath ? 0.1 : null,
        };
        random.manual_seed(1);
        using var network = architecture.BuildUnfilled(options);
        using var images = zeros(2, 3, size, size);
        var cost = NetworkPricer.PriceByOperators(network, 2, () => network.call(images).mean());
        Assert.NotEqual(Macs.Zero, cost.GradInput);
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
    }
}
