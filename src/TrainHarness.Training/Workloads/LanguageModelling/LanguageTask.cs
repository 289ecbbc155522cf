using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.LanguageModelling.Architectures;
using TrainHarness.Training.Workloads.LanguageModelling.Data;

namespace TrainHarness.Training.Workloads.LanguageModelling;

/// <summary>A trial of language modelling, as the engine takes it.</summary>
internal static class LanguageTask
{
    /// <summary>Opens a trial on a text.</summary>
    public static TrainingTask Of(TrainingPlan plan, TextPack pack)
    {
        var (settings, vocabulary) = ((LanguageSettings)plan.Settings, pack.Vocabulary.Count);
        var options = new LanguageModelOptions(vocabulary, settings.Context, LanguageRecipe.Of(plan.Recipe).Dropout);
        var network = ((LanguageArchitecture)plan.Architecture).BuildFrom(plan.Trial.Seed, options, plan.Device);
        var batches = new WindowBatches(Part(pack.Training, settings.TrainFraction), settings.Context, vocabulary, plan);
        var evaluator = new LanguageEvaluator(network, pack, settings, plan.Device);
        return new TrainingTask(network, batches, batches, new LanguageObjective(network), evaluator) { DataPath = "memory" };
    }

    /// <summary>The begin of the text.</summary>
    public static ushort[] Part(ushort[] text, double fraction) => fraction == 1 ? text : text[..(int)(text.Length * fraction)];
}
