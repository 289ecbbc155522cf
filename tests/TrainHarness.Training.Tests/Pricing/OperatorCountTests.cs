using TrainHarness.Compute;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.LanguageModelling.Architectures;
using TrainHarness.Training.Workloads.SelfPlay;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.Translation.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Pricing;

/// <summary>What libtorch's operators multiply in one step is what the layers are priced with, to the last digit.</summary>
public sealed class OperatorCountTests
{
    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    /// <summary>The smallest of each family.</summary>
    public static TheoryData<string> LanguageModels => [.. Smallest(LanguageCatalog.All.Select(architecture => architecture.Name))];

    public static TheoryData<string> Translators => [.. Smallest(TranslatorCatalog.All.Select(architecture => architecture.Name))];

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

    [Theory]
    [MemberData(nameof(LanguageModels))]
    public void Operators_and_layers_of_a_language_model_agree(string name)
    {
        using var scope = NewDisposeScope();
        using var network = LanguageCatalog.ByName(name).Build(new LanguageModelOptions(Vocabulary: 11, Context: 6, Dropout: 0.1));
        var units = ones(2, 6, dtype: ScalarType.Int64);
        Assert.NotEqual(Macs.Zero, NetworkPricer.PriceByOperators(network, 2, () => network.call(units).mean()).GradInput);
    }

    [Theory]
    [MemberData(nameof(Translators))]
    public void Operators_and_layers_of_a_translator_agree_in_training_and_where_it_writes(string name)
    {
        using var scope = NewDisposeScope();
        using var network = TranslatorCatalog.ByName(name).Build(new TranslatorOptions(Vocabulary: 11, Dropout: 0.1));
        var (sources, targets) = (full([2, 7], 4, dtype: ScalarType.Int64), full([2, 5], 5, dtype: ScalarType.Int64));
        Assert.NotEqual(Macs.Zero, NetworkPricer.PriceByOperators(network, 2, () => network.call(sources, targets).mean()).GradInput);
        network.eval();
        var written = NetworkPricer.PriceByOperators(
            network,
            2,
            () =>
            {
                using var decoding = network.Start(sources, 5);
                decoding.Next(targets.select(1, 0));
                return decoding.Next(targets.select(1, 1));
            },
            backward: false
        );
        Assert.NotEqual(Macs.Zero, written.Forward);
    }

    [Fact]
    public void Operators_and_layers_of_a_network_for_a_board_agree()
    {
        using var scope = NewDisposeScope();
        var options = BoardNetworkOptions.Of(new Hex(4));
        using var network = BoardArchitecture.All[0].Build(options);
        var positions = ones(2, options.Planes, options.Rows, options.Columns);
        var cost = NetworkPricer.PriceByOperators(network, 2, () =>
        {
            var (policy, value) = network.call(positions);
            return policy.mean().add(value.mean());
        });
        Assert.NotEqual(Macs.Zero, cost.GradInput);
    }

    private static IEnumerable<string> Smallest(IEnumerable<string> names) =>
        names.GroupBy(name => name[..name.LastIndexOf('_')]).Select(family => family.First());
}
