using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.Translation.Architectures;
using TrainHarness.Training.Workloads.Translation.Packs;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>A trial of translation, as the engine takes it.</summary>
internal static class TranslationTask
{
    /// <summary>Opens a trial on a pack.</summary>
    public static TrainingTask Of(TrainingPlan plan, PairPack pack)
    {
        var (settings, recipe, own) = ((TranslationSettings)plan.Settings, plan.Recipe, TranslationRecipe.Of(plan.Recipe));
        var vocabulary = pack.Subwords.Vocabulary.Count;
        var network = ((TranslatorArchitecture)plan.Architecture).BuildFrom(
            plan.Trial.Seed,
            new TranslatorOptions(vocabulary, own.Dropout),
            plan.Device
        );
        var pairs = Part(pack.Train, settings.TrainFraction);
        var batches = new PairBatches(
            pairs,
            new LengthBuckets(pairs, recipe.BatchSize, plan.Trial.Seed),
            recipe.Epochs,
            vocabulary,
            plan.Device
        );
        var evaluator = new TranslationEvaluator(network, pack, settings.Bleu, plan.Device);
        return new TrainingTask(network, batches, batches, new TranslationObjective(network, own), evaluator) { DataPath = "memory" };
    }

    /// <summary>The same part for every trial: every so-manyth pair.</summary>
    public static IReadOnlyList<TokenPair> Part(IReadOnlyList<TokenPair> pairs, double fraction) =>
        fraction == 1 ? pairs : [.. pairs.Where((_, place) => Math.Floor((place + 1) * fraction) > Math.Floor(place * fraction))];
}
