using System.Reflection;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Published;

/// <summary>What others published, shipped with the program: every number with its source, recomputed from its raw inputs.</summary>
public static class PublishedLedger
{
    private static readonly string[] InOrder =
    [
        "alexnet",
        "resnet50",
        "seq2seq",
        "gnmt",
        "alphago-zero",
        "openai-five",
        "inference-alexnet",
        "inference-resnet50",
        "ai-and-compute",
        "training-cost",
        "effective-compute",
        "imagenet-regression",
    ];

    private static readonly Lazy<IReadOnlyList<PublishedLevel>> All = new(() => [.. InOrder.Select(Read)]);

    public static IReadOnlyList<PublishedLevel> Levels => All.Value;

    /// <summary>Of all levels, in their order; nothing is read for them.</summary>
    public static IReadOnlyList<string> Names => InOrder;

    /// <exception cref="ConfigurationException">There is no such level.</exception>
    public static PublishedLevel Level(string name) =>
        Levels.FirstOrDefault(level => level.Name == name)
        ?? throw new ConfigurationException(
            $"--level: unknown level '{name}'; {NearNames.Allowed(name, InOrder, "trainharness published")}"
        );

    private static PublishedLevel Read(string name)
    {
        var resource = $"TrainHarness.Published.{name}.yaml";
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The resource {resource} is missing.");
        using var reader = new StreamReader(stream);
        return PublishedLevelReader.Read(name, ConfigurationNode.Parse($"{name}.yaml", reader.ReadToEnd()));
    }
}
