using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Files;

namespace TrainHarness.Results.Validation;

/// <summary>One row of a file of imported trials, whose cells are refused where they cannot be.</summary>
internal sealed class ImportedRow
{
    // The largest training run so far spent less than 10^27.
    private static readonly UInt128 MaxMacs = UInt128.Parse("1000000000000000000000000000000", CultureInfo.InvariantCulture);

    private const double MaxValue = 1e100;
    private const int MaxName = 100;
    private const int FirstYear = 1900;
    private const int LastYear = 2200;

    // Those that are the same in every row of a trial.
    private static readonly string[] OfTrial =
    [
        "published",
        "dataset",
        "metric",
        "convention",
        "signature",
        "paper",
        "framework",
        "device",
    ];

    private readonly string file;
    private readonly int line;
    private readonly Dictionary<string, string> cells;

    private ImportedRow(string file, int line, Dictionary<string, string> cells) =>
        (this.file, this.line, this.cells) = (file, line, cells);

    /// <exception cref="ConfigurationException">It has more or fewer cells than the header, or a control character.</exception>
    public static ImportedRow Of(string file, int line, string[] header, string[] cells)
    {
        if (cells.Length != header.Length)
        {
            throw ImportedCheck.Refused(
                file,
                line,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{cells.Length} cells; allowed: {header.Length}, as many as the first line has."
                )
            );
        }

        if (Array.FindIndex(cells, cell => cell.Any(char.IsControl)) is >= 0 and var index)
            throw ImportedCheck.Refused(file, line, $"'{header[index]}' has a control character; allowed: text of one line.");
        return new ImportedRow(file, line, header.Zip(cells).ToDictionary(cell => cell.First, cell => cell.Second.Trim()));
    }

    public int Seed =>
        int.TryParse(cells["seed"], NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw Wrong("seed", "a whole number from 0 to 2147483647");

    public string Text(string column) => cells[column] is { Length: > 0 } text ? text : throw Wrong(column, "a text");

    /// <summary>Null where the file lacks the column, or the cell is empty.</summary>
    public string? OptionalText(string column) => cells.GetValueOrDefault(column) is { Length: > 0 } text ? text : null;

    /// <exception cref="ConfigurationException">What tells of the whole trial is another in that row.</exception>
    public void RequireSame(ImportedRow row)
    {
        foreach (var column in OfTrial)
        {
            if (OptionalText(column) != row.OptionalText(column))
            {
                throw row.Wrong(
                    column,
                    string.Create(CultureInfo.InvariantCulture, $"'{OptionalText(column)}', which this trial has in line {line}")
                );
            }
        }
    }

    /// <summary>The row's evaluation.</summary>
    /// <exception cref="ConfigurationException">It does not come after those before it.</exception>
    public ImportedEvaluation After(IReadOnlyList<ImportedEvaluation> before)
    {
        var evaluation = new ImportedEvaluation(Examples(), TrainingMacs(), Seconds(), Value());
        if (before is not [.., var last])
            return evaluation;
        if (evaluation.Examples <= last.Examples)
            throw Wrong(
                "examples",
                string.Create(CultureInfo.InvariantCulture, $"more than {last.Examples}, which the evaluation before has")
            );
        if (evaluation.TrainingMacs <= last.TrainingMacs)
            throw Wrong("trainingMacs", $"more than {last.TrainingMacs}, which the evaluation before has");
        if (evaluation.Seconds is null != last.Seconds is null)
            throw Wrong("seconds", "numbers in all rows of a trial, or in none");
        return evaluation.Seconds < last.Seconds
            ? throw Wrong(
                "seconds",
                string.Create(CultureInfo.InvariantCulture, $"at least {last.Seconds}, which the evaluation before has")
            )
            : evaluation;
    }

    /// <summary>The trial that this is a row of, without its evaluations.</summary>
    public ImportedTrial Trial() =>
        new()
        {
            Architecture = Name("architecture"),
            Recipe = OptionalText("recipe") is null ? null : Name("recipe"),
            Published = Published(),
            Paper = OptionalText("paper"),
            Seed = Seed,
            Dataset = Text("dataset"),
            Metric = Text("metric"),
            Signature = OptionalText("signature"),
            Convention = Convention(),
            Framework = OptionalText("framework"),
            Device = OptionalText("device"),
            Evaluations = [],
        };

    // It names a file in the results.
    private string Name(string column) =>
        Text(column) is { Length: <= MaxName } name
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
            ? name
            : throw Wrong(
                column,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"up to {MaxName} letters, digits, '-', '_', '.', the first a letter or a digit"
                )
            );

    private DateOnly? Published() =>
        OptionalText("published") is not { } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        && day.Year is >= FirstYear and <= LastYear
            ? day
        : throw Wrong("published", "a day as YEAR-MONTH-DAY, for example 2024-03-29, or nothing");

    private StatedConvention Convention() =>
        StatedConvention.Parse(Text("convention")) is { } stated && stated.Named != Compute.Convention.Forward && stated.Other is not ""
            ? stated
            : throw Wrong(
                "convention",
                "exact (forward and backward as they are), paper or ai-and-compute (three times forward), 'other: ' and what it counts"
            );

    private long Examples() =>
        long.TryParse(cells["examples"], NumberStyles.None, CultureInfo.InvariantCulture, out var examples) && examples > 0
            ? examples
            : throw Wrong("examples", "a whole number of at least 1");

    private Macs TrainingMacs() =>
        UInt128.TryParse(cells["trainingMacs"], NumberStyles.None, CultureInfo.InvariantCulture, out var macs)
        && macs > 0
        && macs <= MaxMacs
            ? new Macs(macs)
            : throw Wrong("trainingMacs", "a whole number of multiply-adds from 1 to 1e30, with all its digits");

    private double? Seconds() =>
        cells["seconds"].Length == 0 ? null
        : Real("seconds") is >= 0 and <= EvaluationOrder.MaxSeconds and var seconds ? seconds
        : throw Wrong(
            "seconds",
            string.Create(CultureInfo.InvariantCulture, $"a number from 0 to {EvaluationOrder.MaxSeconds}, or nothing")
        );

    // Means of many stay finite.
    private double Value() =>
        (Real("value") ?? throw Wrong("value", "a finite number")) is >= -MaxValue and <= MaxValue and var value
            ? value
            : throw Wrong("value", "a number from -1e100 to 1e100");

    /// <summary>Null where the cell is no finite number.</summary>
    private double? Real(string column) =>
        double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : null;

    private ConfigurationException Wrong(string column, string allowed) =>
        ImportedCheck.Refused(file, line, $"'{column}' is '{cells.GetValueOrDefault(column)}'; allowed: {allowed}.");
}
