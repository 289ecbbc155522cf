using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Workloads.ImageClassification;

namespace TrainHarness.Cli.Execution;

/// <summary>
/// The kernels that the trials of a study compute with on a CPU: chosen once for each entry, before its first trial starts.
/// </summary>
/// <param name="counts">Of the data; null for another workload than images, whose layers nothing compares yet.</param>
/// <param name="tell">Takes a line for people.</param>
internal sealed class TrialKernels(Study study, ImageCounts? counts, Action<string> tell) : IDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private readonly Dictionary<string, KernelSet?> chosen = [];

    public void Dispose() => one.Dispose();

    /// <returns>Null where nothing is to be chosen: the processor shows its caches, or the user has limited oneDNN.</returns>
    /// <exception cref="ConfigurationException">No kernels are right.</exception>
    public async Task<KernelSet?> For(Entry entry, CancellationToken cancellation)
    {
        // The process that compares builds networks of the catalogue alone.
        if (counts is not { } data || !KernelComparison.IsNeeded || study.Sources.Any(source => source.Name == entry.Architecture))
            return null;
        await one.WaitAsync(cancellation);
        try
        {
            if (!chosen.TryGetValue(entry.Name, out var kernels))
                chosen[entry.Name] = kernels = Choose(entry, data, cancellation);
            return kernels;
        }
        finally
        {
            one.Release();
        }
    }

    private KernelSet? Choose(Entry entry, ImageCounts data, CancellationToken cancellation)
    {
        var choice = KernelComparison.Of(
            Request(entry, data),
            ThisProgram.Command,
            () => tell($"{entry.Name}: comparing what oneDNN computes with double precision, once on this machine"),
            cancellation
        );
        tell(choice.Line(entry.Name));
        if (choice.IsRight)
            return choice.Kernels;
        // What the user has set stays.
        if (ConvolutionKernels.UsersLimit is not null)
            return null;
        return ConvolutionKernels.Named is { } named
            ? KernelSet.ByName(named)
            : throw new ConfigurationException(
                $"{entry.Name}: nothing that this libtorch has on this processor computes its layers rightly; allowed: another machine "
                    + $"or another libtorch."
            );
    }

    private KernelCheckRequest Request(Entry entry, ImageCounts data)
    {
        var (recipe, settings) = (entry.Recipe, (ImageSettings)study.SettingsFor(entry));
        var options = TrainedNetwork.Options(entry, data.Classes, settings.ImageSize);
        return new KernelCheckRequest
        {
            Architecture = entry.Architecture,
            Classes = data.Classes,
            ImageSize = options.ImageSize,
            AuxiliaryHeads = options.AuxiliaryHeads,
            DropPath = options.DropPath,
            Width = options.Width,
            Depth = options.Depth,
            Precision = recipe.Precision,
            MemoryFormat = recipe.MemoryFormat,
            TrainingBatches = [.. new EpochOrder(study.Seeds[0], data.SeenBy(settings).TrainCount, recipe.BatchSize).BatchSizes],
            EvaluationBatches = Evaluator.BatchSizes(data.ValidationCount),
            Threads = study.Threads,
        };
    }
}
