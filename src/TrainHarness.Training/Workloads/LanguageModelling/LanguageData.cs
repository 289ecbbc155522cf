using System.Security.Cryptography;
using System.Text;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Workloads.LanguageModelling.Data;

namespace TrainHarness.Training.Workloads.LanguageModelling;

/// <summary>
/// The text of a study, which is read and taken apart anew each time: that takes seconds, and nothing is kept beside the text.
/// </summary>
/// <param name="path">Of a file, in place of what the study says; null keeps that.</param>
internal sealed class LanguageData(LanguageSettings settings, string? path) : IStudyData
{
    public IReadOnlyList<Metric> Check() => Read().Metrics;

    public DataExtent Measure() => Read().Measure();

    public IPreparedData Prepare(bool verify, IProgress<PreparationProgress>? progress, CancellationToken cancellation) => Read();

    private DrawnData Read()
    {
        var text = settings.Text.Read(path);
        var pack = Pack(text);
        var windows = TrainWindows(pack, settings.TrainFraction);
        RequireWindow("validation", pack.Validation.Length);
        var record = new DatasetRecord
        {
            Name = settings.Text.Name,
            TrainExamples = windows,
            ValidationExamples = LanguageEvaluator.PlacesOf(pack.Validation.Length, settings).Count(),
            Words = FormattableString.Invariant(
                $"windows of {settings.Context} {settings.Units.Name}s, of which there are {pack.Vocabulary.Count}"
            ),
            SourceSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
            PackSha256 = pack.Sha256,
        };
        return new DrawnData(
            record,
            LanguageMetrics.Of(settings, pack),
            plan => LanguageTask.Of(plan, pack),
            seen => record with { TrainExamples = TrainWindows(pack, ((LanguageSettings)seen).TrainFraction) }
        );
    }

    private int TrainWindows(TextPack pack, double part)
    {
        var text = LanguageTask.Part(pack.Training, part);
        RequireWindow("training", text.Length);
        return LanguageEvaluator.WindowsIn(text.Length, settings.Context);
    }

    private TextPack Pack(string text)
    {
        Rune[] letters = [.. text.EnumerateRunes()];
        var training = (int)Math.Floor(letters.Length * (1 - settings.ValidationPart));
        return settings.Units.Pack(Joined(letters.AsSpan(0, training)), Joined(letters.AsSpan(training)));
    }

    private void RequireWindow(string part, int units)
    {
        if (LanguageEvaluator.WindowsIn(units, settings.Context) == 0)
            throw new ConfigurationException(
                $"context: the {part} text of {settings.Text.Name} has {units} {settings.Units.Name}s; allowed: fewer than "
                    + $"that in a window."
            );
    }

    private static string Joined(ReadOnlySpan<Rune> letters)
    {
        var text = new StringBuilder(letters.Length);
        foreach (var letter in letters)
            text.Append(letter.ToString());
        return text.ToString();
    }
}
