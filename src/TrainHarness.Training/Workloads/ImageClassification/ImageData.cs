using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>The images of a study: packed once into a cache, and read from there.</summary>
/// <param name="path">Folder or archive, in place of what the dataset's description says; null keeps that.</param>
internal sealed class ImageData(ImageSettings settings, string? path, string cacheFolder) : IStudyData
{
    public IReadOnlyList<Metric> Check() => ClassificationMetrics.Of(DatasetPreparation.Check(settings.Dataset, settings.Subset, path));

    public DataExtent Measure()
    {
        var extent = DatasetPreparation.Measure(settings.Dataset, settings.Subset, settings.PackSize, path, cacheFolder);
        return new DataExtent(extent.PackBytes, extent.PackIsReady, ClassificationMetrics.Of(extent.Classes), plan =>
            ImageTask.WithoutExamples(plan, ImageCounts.Of(extent))
        )
        {
            Remarks = extent.Remarks,
        };
    }

    public IPreparedData Prepare(bool verify, IProgress<PreparationProgress>? progress, CancellationToken cancellation) =>
        new PreparedImages(
            DatasetPreparation.OpenOrCreate(
                settings.Dataset,
                settings.Subset,
                settings.PackSize,
                path,
                cacheFolder,
                verify,
                progress,
                cancellation
            ),
            settings
        );
}

/// <summary>The images of a study in their pack.</summary>
internal sealed class PreparedImages(DatasetPack pack, ImageSettings settings) : IPreparedData
{
    private readonly Func<TrainingPlan, TrainingTask> open = ImageTask.On(pack);

    public DatasetRecord Record =>
        new()
        {
            Name = settings.Dataset.Name,
            Classes = pack.Header.ClassNames.Count,
            TrainExamples = pack.Header.TrainCount,
            ValidationExamples = pack.Header.ValidationCount,
            ImageSize = settings.ImageSize,
            PackSize = settings.PackSize,
            SourceSha256 = pack.Header.SourceFingerprint,
            PackSha256 = pack.Fingerprint,
            PassedOver = pack.PassedOver,
        };

    public IReadOnlyList<string> Remarks => [.. pack.Remarks, .. pack.PassedOverWords is { } words ? (string[])[words] : []];

    public IReadOnlyList<Metric> Metrics => ClassificationMetrics.Of(pack.Header.ClassNames.Count);

    public DatasetRecord RecordOf(IWorkloadSettings seen) =>
        Record with
        {
            TrainExamples = SeenImages.CountOf(pack.Header.TrainCount, ((ImageSettings)seen).TrainPart),
            ImageSize = ((ImageSettings)seen).ImageSize,
        };

    public string Identity => pack.Identity;

    public void RequireUnchanged() => pack.RequireUnchanged();

    public TrainingTask Open(TrainingPlan plan) => open(plan);

    public void Dispose() => pack.Dispose();
}
