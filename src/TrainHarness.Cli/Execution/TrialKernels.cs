using TrainHarness.Protocol;
using TrainHarness.Training.Data;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.Cli.Execution;

/// <summary>The kernels that the trials of a study compute with on a CPU: chosen once for each entry, before its first trial starts.</summary>
/// <param name="tell">Takes a line for people.</param>
internal sealed class TrialKernels(Study study, int classes, int trainCount, int validationCount, Action<string> tell) : IDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private readonly Dictionary<string, KernelSet?> chosen = [];

    public TrialKernels(Study study, DatasetExtent extent, Action<string> tell)
        : this(study, extent.Classes, extent.TrainCount, extent.ValidationCount, tell)
    {
    }

    public void Dispose() => one.Dispose();

    /// <returns>Null where nothing is to be chosen: the processor shows its caches, or the user has limited oneDNN.</returns>
    /// <exception cref="ConfigurationException">No kernels are right.</exception>
    public async Task<KernelSet?> For(Entry entry, CancellationToken cancellation)
    {
        if (!KernelComparison.IsNeeded)
            return null;
        await one.WaitAsync(cancellation);
        try
        {
            if (!chosen.TryGetValue(entry.Name, out var kernels))
                chosen[entry.Name] = kernels = Choose(entry, cancellation);
            return kernels;
        }
        finally
        {
            one.Release();
        }
    }

    private KernelSet? Choose(Entry entry, CancellationToken cancellation)
    {
        var choice = KernelComparison.Of(
            Request(entry), ThisProgram.Command, () => tell($"{entry.Name}: comparing what oneDNN computes with double precision, once on this machine"), cancellation);
        tell(choice.Line(entry.Name));
        if (choice.IsRight)
            return choice.Kernels;
        // What the user has set stays.
        if (ConvolutionKernels.UsersLimit is not null)
            return null;
        return ConvolutionKernels.Named is { } named
            ? KernelSet.ByName(named)
            : throw new ConfigurationException($"{entry.Name}: nothing that this libtorch has on this processor computes its layers rightly; allowed: another machine or another libtorch.");
    }

    private KernelCheckRequest Request(Entry entry)
    {
        var recipe = entry.Recipe;
        var options = TrainedNetwork.Options(recipe, classes, study.ImageSize);
        return new KernelCheckRequest
        {
            Architecture = entry.Architecture,
            Classes = classes,
            ImageSize = study.ImageSize,
            AuxiliaryHeads = options.AuxiliaryHeads,
            DropPath = options.DropPath,
            Precision = recipe.Precision,
            MemoryFormat = recipe.MemoryFormat,
            TrainingBatches = [.. new EpochOrder(study.Seeds[0], trainCount, recipe.BatchSize).BatchSizes],
            EvaluationBatches = Evaluator.BatchSizes(validationCount),
            Threads = study.Threads,
        };
    }
}
