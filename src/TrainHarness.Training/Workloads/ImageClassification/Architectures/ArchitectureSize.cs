using System.Globalization;
using System.Reflection;
using TrainHarness.Compute;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

/// <summary>What an architecture is listed with.</summary>
/// <param name="Parameters">Trained weights and biases.</param>
/// <param name="ForwardMacs">Of one image.</param>
public sealed record ArchitectureSize(long Parameters, Macs ForwardMacs)
{
    /// <summary>The table of all that have been counted, one line each; a test keeps it equal to what the networks say.</summary>
    internal const string TableFile = "ArchitectureSizes.csv";

    internal const string TableHeader = "name,parameters,forwardMacs";

    /// <summary>What the sizes are of: ImageNet's classes, images of 224 px.</summary>
    internal static NetworkOptions Listed { get; } = new(Classes: 1000, ImageSize: 224);

    private static readonly Lazy<IReadOnlyDictionary<string, ArchitectureSize>> Counted = new(ReadTable);

    /// <summary>From the table; an architecture that is not in it is built and counted, which needs libtorch.</summary>
    /// <exception cref="TorchLoadException">It must be counted, and libtorch does not load.</exception>
    public static ArchitectureSize Of(Architecture architecture) =>
        Counted.Value.TryGetValue(architecture.Name, out var size) ? size : Count(architecture);

    /// <summary>Builds the network and counts.</summary>
    internal static ArchitectureSize Count(Architecture architecture)
    {
        TorchLibrary.Load();
        using var network = architecture.BuildUnfilled(Listed);
        return new ArchitectureSize(Architecture.Parameters(network), ImagePricer.Price(network, Listed.ImageSize, batch: 1).Forward);
    }

    /// <summary>By name.</summary>
    internal static IReadOnlyDictionary<string, ArchitectureSize> ReadTable()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(TableFile)
            ?? throw new InvalidOperationException($"The resource {TableFile} is missing.");
        using var reader = new StreamReader(stream);
        return reader
            .ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Skip(1)
            .Select(line => line.Split(','))
            .ToDictionary(
                cells => cells[0],
                cells => new ArchitectureSize(
                    long.Parse(cells[1], CultureInfo.InvariantCulture),
                    new Macs(UInt128.Parse(cells[2], CultureInfo.InvariantCulture))
                )
            );
    }

    /// <summary>Its line in the table.</summary>
    internal string LineOf(string name) => string.Create(CultureInfo.InvariantCulture, $"{name},{Parameters},{ForwardMacs}");
}
