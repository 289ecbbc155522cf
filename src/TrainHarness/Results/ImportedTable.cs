using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using TrainHarness.Files;
using TrainHarness.Results.Validation;
using ConfigurationException = TrainHarness.Files.ConfigurationException;

namespace TrainHarness.Results;

/// <summary>
/// Files of trials that were run elsewhere: comma-separated (RFC 4180), one row per evaluation, read by the names of their columns.
/// </summary>
public static class ImportedTable
{
    internal const long MaxBytes = 64 << 20;
    private const int MaxLetters = 1000;

    private static readonly string[] Required =
    [
        "architecture",
        "published",
        "seed",
        "dataset",
        "metric",
        "value",
        "examples",
        "trainingMacs",
        "convention",
        "seconds",
    ];

    private static readonly string[] Optional = ["recipe", "signature", "paper", "framework", "device"];

    /// <summary>All columns that a file may have.</summary>
    public static IReadOnlyList<string> Columns { get; } = [.. Required, .. Optional];

    /// <exception cref="ConfigurationException">Something in it cannot be; <c>file:line: what, what is allowed</c>.</exception>
    public static IReadOnlyList<ImportedTrial> Read(string file)
    {
        var bytes = PlainFile.Read(file, MaxBytes)
            ?? throw new ConfigurationException($"{file}: no such file; allowed: a CSV file of trials.");
        using var parser = Parser(ImportedCheck.Text(file, bytes));
        if (Next(parser, file) is not { } header)
            throw ImportedCheck.Refused(
                file,
                1,
                $"the file is empty; allowed: a first line with the columns {string.Join(", ", Required)}."
            );
        ImportedCheck.RequireHeader(file, parser.RawRow, header, Required, Columns);
        var trials =
            new Dictionary<(string, string, int), (ImportedRow First, ImportedTrial Trial, List<ImportedEvaluation> Evaluations)>();
        while (Next(parser, file) is { } cells)
        {
            var row = ImportedRow.Of(file, parser.RawRow, header, cells);
            var key = (row.Text("architecture"), row.OptionalText("recipe") ?? "", row.Seed);
            if (!trials.TryGetValue(key, out var trial))
                trials.Add(key, trial = (row, row.Trial(), []));
            trial.First.RequireSame(row);
            trial.Evaluations.Add(row.After(trial.Evaluations));
        }

        return trials.Count > 0
            ? [.. trials.Values.Select(trial => trial.Trial with { Evaluations = trial.Evaluations })]
            : throw ImportedCheck.Refused(file, 1, "there is no evaluation in it; allowed: a row for each.");
    }

    /// <summary>A file of one trial, which <see cref="Read"/> reads again.</summary>
    public static string ToCsv(ImportedTrial trial)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, Rules() with { NewLine = "\n" }))
        {
            Write(csv, Columns);
            foreach (var evaluation in trial.Evaluations)
                Write(csv, Cells(trial, evaluation));
        }

        return text.ToString();
    }

    // In the order of the columns.
    private static IEnumerable<string> Cells(ImportedTrial trial, ImportedEvaluation evaluation) =>
        [
            trial.Architecture,
            trial.Published?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "",
            trial.Seed.ToString(CultureInfo.InvariantCulture),
            trial.Dataset,
            trial.Metric,
            Number(evaluation.Value),
            evaluation.Examples.ToString(CultureInfo.InvariantCulture),
            evaluation.TrainingMacs.ToString(),
            trial.Convention.ToString(),
            evaluation.Seconds is { } seconds ? Number(seconds) : "",
            trial.Recipe ?? "",
            trial.Signature ?? "",
            trial.Paper ?? "",
            trial.Framework ?? "",
            trial.Device ?? "",
        ];

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static void Write(CsvWriter csv, IEnumerable<string> cells)
    {
        foreach (var cell in cells)
            csv.WriteField(cell);
        csv.NextRecord();
    }

    private static CsvParser Parser(string text) => new(new StringReader(text), Rules());

    private static CsvConfiguration Rules() => new(CultureInfo.InvariantCulture) { MaxFieldSize = MaxLetters, Mode = CsvMode.RFC4180 };

    /// <summary>The cells of the next line that is not blank; null behind the last.</summary>
    private static string[]? Next(CsvParser parser, string file)
    {
        try
        {
            return parser.Read() ? parser.Record : null;
        }
        catch (BadDataException error)
        {
            throw ImportedCheck.Refused(
                file,
                parser.RawRow,
                "quotes stand where they may not, or are not closed; allowed: \"…\" around a whole cell.",
                error
            );
        }
        catch (MaxFieldSizeException error)
        {
            throw ImportedCheck.Refused(
                file,
                parser.RawRow,
                string.Create(CultureInfo.InvariantCulture, $"a cell is too long; allowed: at most {MaxLetters} letters."),
                error
            );
        }
    }
}
