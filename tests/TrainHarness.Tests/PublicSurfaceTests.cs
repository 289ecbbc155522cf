using PublicApiGenerator;
using TrainHarness.Protocol;

namespace TrainHarness.Tests;

/// <summary>What other programs may use of the package: a change of it is seen, and is made on purpose.</summary>
public sealed class PublicSurfaceTests
{
    [Fact]
    public void The_public_surface_is_as_it_was() =>
        Snapshot.Matches(
            "public-surface.txt",
            typeof(Study).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
        );
}
