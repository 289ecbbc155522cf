using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.Translation.Packs;

namespace TrainHarness.Training.Workloads.Translation;

/// <summary>The sentence pairs of a study.</summary>
/// <param name="path">Folder or file, in place of what the study says; null keeps that.</param>
internal sealed class TranslationData(TranslationSettings settings, string? path, string cacheFolder) : IStudyData
{
    public IReadOnlyList<Metric> Check()
    {
        settings.Request.Read(path);
        return TranslationMetrics.Of(settings.Bleu, vocabulary: null);
    }

    public DataExtent Measure()
    {
        var (pack, bytes, isReady) = settings.Request.Measure(path, cacheFolder);
        var prepared = new PreparedPairs(pack, settings);
        return new DataExtent(bytes, isReady, prepared.Metrics, prepared.Open) { Remarks = prepared.Remarks };
    }

    // A matter of seconds: nobody needs to be told how far it is.
    public IPreparedData Prepare(bool verify, IProgress<PreparationProgress>? progress, CancellationToken cancellation) =>
        new PreparedPairs(settings.Request.Prepare(path, cacheFolder), settings);
}

/// <summary>The sentence pairs of a study in their pack, which lies in memory: whatever happens to its file, trials go on.</summary>
internal sealed class PreparedPairs(PairPack pack, TranslationSettings settings) : IPreparedData
{
    // For people; a recipe with another batch size has a little more or less.
    private const int UsualBatchSize = 64;

    public DatasetRecord Record =>
        new()
        {
            Name = settings.Request.Source.Name,
            TrainExamples = TranslationTask.Part(pack.Train, settings.TrainFraction).Count,
            ValidationExamples = pack.Validation.Pairs.Count,
            Words = Worded(pack.Subwords.Vocabulary.Count, LengthBuckets.PaddingShare(pack.Train, UsualBatchSize)),
            SourceSha256 = pack.SourceSha256,
            PackSha256 = pack.Sha256,
        };

    public DatasetRecord RecordOf(IWorkloadSettings seen)
    {
        var part = ((TranslationSettings)seen).TrainFraction;
        var count = TranslationTask.Part(pack.Train, part).Count;
        return count > 0
            ? Record with
            {
                TrainExamples = count,
            }
            : throw new ConfigurationException(
                FormattableString.Invariant($"a part of {part} leaves none of {pack.Train.Count} training pairs; allowed: a larger one.")
            );
    }

    public string Identity => pack.Sha256;

    public IReadOnlyList<Metric> Metrics => TranslationMetrics.Of(settings.Bleu, pack.Subwords.Vocabulary.Count);

    public IReadOnlyList<string> Remarks =>
        pack.LeftOut == 0
            ? []
            :
            [
                FormattableString.Invariant(
                    $"{pack.LeftOut} training pairs are longer than {settings.Request.Longest} subwords and left out"
                ),
            ];

    private static string Worded(int vocabulary, double padding) =>
        FormattableString.Invariant($"sentence pairs in {vocabulary} subwords, {100 * padding:F1} % of their positions padding");

    public void RequireUnchanged()
    {
        // Nobody reads the file any more.
    }

    public TrainingTask Open(TrainingPlan plan) => TranslationTask.Of(plan, pack);

    public void Dispose()
    {
        // Nothing is held.
    }
}
