using TrainHarness.Training.Layers;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

/// <summary>What `architectures` lists without building a network, and networks that are built for their shapes alone.</summary>
public sealed class ArchitectureSizeTests
{
    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_line_of_the_table_is_what_its_network_says(string name)
    {
        var counted = ArchitectureSize.Count(ArchitectureCatalog.ByName(name));
        Assert.True(
            ArchitectureSize.ReadTable().TryGetValue(name, out var listed) && listed == counted,
            $"{WhatToAdd.Sizes} ({ArchitectureSize.TableHeader}) must hold this line: {counted.LineOf(name)}"
        );
    }

    [Fact]
    public void The_table_holds_no_architecture_that_is_not_there()
    {
        var names = ArchitectureCatalog.All.Select(architecture => architecture.Name);
        Assert.True(
            !ArchitectureSize.ReadTable().Keys.Except(names).Any(),
            $"remove these lines from {WhatToAdd.Sizes}: {string.Join(", ", ArchitectureSize.ReadTable().Keys.Except(names))}"
        );
    }

    [Fact]
    public void An_architecture_without_a_line_is_built_and_counted()
    {
        var stranger = Architecture.SqueezeNet11 with { Name = "stranger" };
        // Iandola et al. 2016 in torchvision's form.
        Assert.Equal(1_235_496, ArchitectureSize.Of(stranger).Parameters);
        Assert.Equal(ArchitectureSize.Of(Architecture.SqueezeNet11), ArchitectureSize.Of(stranger));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_network_for_its_shapes_alone_draws_no_random_number_and_costs_the_same(string name)
    {
        var architecture = ArchitectureCatalog.ByName(name);
        var side = Math.Max(96, (architecture.MinimumImageSize + 31) / 32 * 32);
        using var scope = NewDisposeScope();
        using var before = random.get_rng_state();
        using var unfilled = architecture.BuildUnfilled(new(10, side));
        using var after = random.get_rng_state();
        using var filled = architecture.Build(new(10, side));

        Assert.True(before.eq(after).all().item<bool>());
        Assert.Equal(Shapes(filled), Shapes(unfilled));
        Assert.All(unfilled.parameters(), parameter => Assert.False(parameter.is_meta));
        var (expected, cost) = (ImagePricer.Price(filled, side, batch: 3), ImagePricer.Price(unfilled, side, batch: 3));
        Assert.Equal(expected.Layers, cost.Layers);
    }

    [Fact]
    public void A_network_that_is_built_after_one_for_its_shapes_alone_has_its_weights()
    {
        Architecture.AlexNet.BuildUnfilled(new(10, 96)).Dispose();
        manual_seed(1);
        using var network = Architecture.AlexNet.Build(new(10, 96));
        Assert.All(network.named_parameters().Where(pair => pair.name.EndsWith("weight", StringComparison.Ordinal)), pair =>
            Assert.True(pair.parameter.std().item<float>() > 0, pair.name)
        );
        Assert.ThrowsAny<InvalidOperationException>(() => Weighted.Unfilled(() => throw new InvalidOperationException("no network")));
        Assert.False(Weighted.IsUnfilled);
    }

    private static List<string> Shapes(nn.Module network) =>
        [
            .. network
                .named_parameters()
                .Select(pair => $"{pair.name} {string.Join('×', pair.parameter.shape)} {pair.parameter.requires_grad}"),
        ];
}
