using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;
using TrainHarness.Training.Workloads.ImageClassification.Augmentations;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Workloads.ImageClassification;

/// <summary>A trial of image classification, as the engine takes it.</summary>
public static class ImageTask
{
    /// <summary>Opens trials on a pack, which must outlive them.</summary>
    public static Func<TrainingPlan, TrainingTask> On(DatasetPack pack) =>
        plan =>
        {
            var examples = IExamples.Of(pack, plan.Device);
            try
            {
                return Of(plan, ImageCounts.Of(pack.Header), examples, () => pack.Labels(Split.Train).ToArray());
            }
            catch
            {
                examples.Dispose();
                throw;
            }
        };

    /// <summary>A trial that can be priced and rehearsed, where the dataset is not packed yet.</summary>
    public static TrainingTask WithoutExamples(TrainingPlan plan, ImageCounts counts) =>
        Of(plan, counts, examples: null, () => throw new InvalidOperationException("A plan has no labels."));

    private static TrainingTask Of(TrainingPlan plan, ImageCounts counts, IExamples? examples, Func<int[]> labels)
    {
        var (settings, recipe) = ((ImageSettings)plan.Settings, plan.Recipe);
        var size = settings.ImageSize;
        var network = TrainedNetwork.Build(
            (Architecture)plan.Architecture,
            plan.Trial.Entry,
            plan.Trial.Seed,
            counts.Classes,
            size,
            plan.Device
        );
        var augmentation = new Augmentation(recipe.Augmentation!, settings.Dataset, plan.Device);
        var seen = new SeenImages(counts.TrainCount, settings.TrainPart, labels);
        var order = new EpochOrder(plan.Trial.Seed, seen.Count, recipe.BatchSize);
        var batches = new ImageBatches(order, recipe.Epochs, examples, seen, settings.PackSize, plan.Device);
        var evaluator = new Evaluator(network, counts, examples, augmentation, recipe, settings, plan.Device);
        return new TrainingTask(network, batches, batches, new ImageObjective(network, augmentation, recipe, size), evaluator)
        {
            DataPath = examples?.DataPath ?? "none",
            NativePaths = examples?.NativePath is { } path ? [path] : [],
            Held = examples is null ? [augmentation] : [augmentation, examples],
        };
    }
}
