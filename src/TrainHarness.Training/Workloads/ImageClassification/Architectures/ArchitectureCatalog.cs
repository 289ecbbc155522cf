using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.ImageClassification.Architectures;

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
        Architecture.ZfNet,
        Architecture.Vgg11,
        Architecture.Vgg16,
        Architecture.GoogLeNet,
        Architecture.BnInception,
        Architecture.InceptionV3,
        Architecture.ResNet18,
        Architecture.ResNet34,
        Architecture.ResNet50,
        Architecture.SqueezeNet11,
        Architecture.WideResNet50,
        Architecture.DenseNet121,
        Architecture.Xception,
        Architecture.ResNeXt50,
        Architecture.MobileNetV1,
        Architecture.ShuffleNetV1X10,
        Architecture.SeResNet50,
        Architecture.MobileNetV2,
        Architecture.ShuffleNetV2X10,
        Architecture.ShuffleNetV2X15,
        Architecture.MnasNet10,
        Architecture.MobileNetV3Small,
        Architecture.MobileNetV3Large,
        Architecture.EfficientNetB0,
        Architecture.EfficientNetB1,
        Architecture.RegNetY400MF,
        Architecture.VitB16,
        Architecture.SwinT,
        Architecture.EfficientNetV2S,
        Architecture.ConvNeXtTiny,
    ];

    /// <exception cref="ConfigurationException">No architecture has this name.</exception>
    public static Architecture ByName(string name) =>
        All.FirstOrDefault(architecture => architecture.Name == name)
        ?? throw new ConfigurationException(
            $"'{name}' is no architecture; "
                + NearNames.Allowed(name, All.Select(architecture => architecture.Name), "trainharness architectures")
        );
}
