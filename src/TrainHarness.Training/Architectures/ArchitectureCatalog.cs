using TrainHarness.Protocol;

namespace TrainHarness.Training.Architectures;

/// <summary>Every architecture that can be trained.</summary>
/// <remarks>
/// A type of its own: a list inside <see cref="Architecture"/> would be filled before the members of the files that the compiler
/// happens to take later, and hold null for them.
/// </remarks>
public static class ArchitectureCatalog
{
    /// <summary>In order of publication.</summary>
    public static IReadOnlyList<Architecture> All { get; } =
    [
        Architecture.AlexNet2012,
        Architecture.AlexNet,
        Architecture.Vgg11,
        Architecture.ResNet18,
        Architecture.ResNet50,
        Architecture.SqueezeNet11,
        Architecture.MobileNetV2,
        Architecture.ShuffleNetV2X10,
    ];

    /// <exception cref="ConfigurationException">No architecture has this name.</exception>
    public static Architecture ByName(string name) =>
        All.FirstOrDefault(architecture => architecture.Name == name)
        ?? throw new ConfigurationException($"'{name}' is no architecture; allowed: {string.Join(", ", All)}.");
}
