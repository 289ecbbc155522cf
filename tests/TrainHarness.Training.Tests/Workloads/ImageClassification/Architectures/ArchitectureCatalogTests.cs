using System.Reflection;
using TrainHarness.Files;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

public class ArchitectureCatalogTests
{
    [Fact]
    public void Every_architecture_of_a_family_file_is_in_the_catalog()
    {
        var forgotten = typeof(Architecture)
            .GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(member => !ArchitectureCatalog.All.Contains((Architecture)member.GetValue(null)!));

        Assert.Empty(forgotten.Select(member => WhatToAdd.ToCatalog(member.Name)));
    }

    [Fact]
    public void The_catalog_is_in_order_of_publication()
    {
        var late = ArchitectureCatalog.All.Zip(ArchitectureCatalog.All.Skip(1)).Where(pair => pair.First.Published > pair.Second.Published);

        Assert.Empty(
            late.Select(pair =>
                $"{WhatToAdd.Catalog}: {pair.Second.Name} ({pair.Second.Published:yyyy-MM-dd}) comes before {pair.First.Name} "
                + $"({pair.First.Published:yyyy-MM-dd})"
            )
        );
    }

    [Fact]
    public void Every_name_finds_its_architecture() =>
        Assert.All(ArchitectureCatalog.All, architecture => Assert.Same(architecture, ArchitectureCatalog.ByName(architecture.Name)));

    [Fact]
    public void An_unknown_name_is_an_error_that_lists_the_known_ones()
    {
        var exception = Assert.Throws<ConfigurationException>(() => ArchitectureCatalog.ByName("resnet-18"));

        Assert.StartsWith(
            "'resnet-18' is no architecture; did you mean resnet18? allowed: resnet18, resnet34, resnet50, ",
            exception.Message,
            StringComparison.Ordinal
        );
        Assert.EndsWith(" more (see: trainharness architectures).", exception.Message, StringComparison.Ordinal);
    }
}
