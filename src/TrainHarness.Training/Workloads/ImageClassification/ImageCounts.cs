using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>How much of a dataset a trial sees.</summary>
public sealed record ImageCounts(int Classes, int TrainCount, int ValidationCount)
{
    public static ImageCounts Of(DatasetPackHeader pack) => new(pack.ClassNames.Count, pack.TrainCount, pack.ValidationCount);

    /// <summary>Null where it is no record of images.</summary>
    public static ImageCounts? Of(DatasetRecord record) =>
        record.Classes is { } classes ? new ImageCounts(classes, record.TrainExamples, record.ValidationExamples) : null;

    /// <summary>Those that a trial with such settings sees.</summary>
    /// <exception cref="ConfigurationException">No training image is left.</exception>
    public ImageCounts SeenBy(ImageSettings settings) => this with { TrainCount = SeenImages.CountOf(TrainCount, settings.TrainPart) };

    public static ImageCounts Of(DatasetExtent extent) => new(extent.Classes, extent.TrainCount, extent.ValidationCount);
}
