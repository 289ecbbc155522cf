using System.Globalization;
using TrainHarness.Compute;

namespace TrainHarness.Results;

/// <summary>evaluations.csv: one row per evaluation, written whole, read by the names of its columns.</summary>
public static class EvaluationTable
{
    private const string GenerationColumn = "generationMacs";

    private static readonly string[] FixedColumns =
    [
        "step",
        "epoch",
        "examples",
        "forwardMacs",
        "gradInputMacs",
        "gradWeightMacs",
        GenerationColumn,
        "evaluationMacs",
        "seconds",
        "joules",
        "loss",
    ];

    // A trial evaluates tens or hundreds of times.
    private const int MaxRows = 1_000_000;

    /// <param name="metrics">Names of those besides the loss.</param>
    public static string ToCsv(IReadOnlyList<Evaluation> evaluations, IReadOnlyList<string> metrics)
    {
        var lines = new List<string> { string.Join(',', FixedColumns.Concat(metrics)) };
        lines.AddRange(evaluations.Select(evaluation => string.Join(',', Cells(evaluation, metrics))));
        return string.Join('\n', lines) + "\n";
    }

    /// <exception cref="InvalidDataException">A row does not fit the header, or a cell is no number.</exception>
    public static IReadOnlyList<Evaluation> FromCsv(string csv)
    {
        if (csv.AsSpan().Count('\n') > MaxRows)
            throw new InvalidDataException($"More than {MaxRows} lines.");
        var lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var header = lines.Length == 0 ? [] : lines[0].Split(',');
        // Files of protocol 1 lack it: nothing was generated.
        if (FixedColumns.Except(header).FirstOrDefault(name => name != GenerationColumn) is { } missing)
            throw new InvalidDataException($"The first line lacks the column '{missing}'.");
        if (header.Distinct(StringComparer.Ordinal).Count() < header.Length)
            throw new InvalidDataException("The first line has a duplicate name.");
        var columns = new Columns(header);
        return [.. lines.Skip(1).Select((line, index) => columns.Row(line, index + 2))];
    }

    private static IEnumerable<string> Cells(Evaluation evaluation, IReadOnlyList<string> metrics) =>
        [
            evaluation.Step.ToString(CultureInfo.InvariantCulture),
            Number(evaluation.Epoch),
            evaluation.Examples.ToString(CultureInfo.InvariantCulture),
            evaluation.Ledger.Forward.ToString(),
            evaluation.Ledger.GradInput.ToString(),
            evaluation.Ledger.GradWeight.ToString(),
            evaluation.Ledger.Generation.ToString(),
            evaluation.Ledger.Evaluation.ToString(),
            Number(evaluation.Seconds),
            evaluation.Joules is { } joules ? Number(joules) : "",
            evaluation.Loss is { } loss ? Number(loss) : "",
            .. metrics.Select(metric => Number(evaluation.Metrics[metric])),
        ];

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Where each column lies.</summary>
    private sealed class Columns(string[] header)
    {
        private readonly Dictionary<string, int> places = header
            .Index()
            .ToDictionary(column => column.Item, column => column.Index, StringComparer.Ordinal);
        private readonly string[] metrics = [.. header.Except(FixedColumns)];

        public Evaluation Row(string line, int number)
        {
            var cells = line.Split(',');
            if (cells.Length != header.Length)
                throw new InvalidDataException($"Line {number} has {cells.Length} cells; the header has {header.Length}.");
            return new Evaluation
            {
                Step = Whole(Cell("step"), number),
                Epoch = Amount(Cell("epoch"), number),
                Examples = Whole(Cell("examples"), number),
                Ledger = new ComputeLedger(
                    Count(Cell("forwardMacs"), number),
                    Count(Cell("gradInputMacs"), number),
                    Count(Cell("gradWeightMacs"), number),
                    Count(Cell("evaluationMacs"), number)
                )
                {
                    Generation = places.ContainsKey(GenerationColumn) ? Count(Cell(GenerationColumn), number) : Macs.Zero,
                },
                Seconds = Amount(Cell("seconds"), number),
                Joules = Cell("joules").Length == 0 ? null : Amount(Cell("joules"), number),
                Loss = Cell("loss").Length == 0 ? null : Amount(Cell("loss"), number),
                Metrics = metrics.ToDictionary(metric => metric, metric => Real(Cell(metric), number)),
            };

            string Cell(string column) => cells[places[column]];
        }
    }

    private static long Whole(string cell, int line) =>
        long.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidDataException($"Line {line}: '{cell}' is no whole number.");

    private static Macs Count(string cell, int line) =>
        UInt128.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? new Macs(value)
            : throw new InvalidDataException($"Line {line}: '{cell}' is no number of multiply-adds.");

    private static double Amount(string cell, int line) =>
        Real(cell, line) is >= 0 and var value
            ? value
            : throw new InvalidDataException($"Line {line}: '{cell}' is no finite number of at least 0.");

    private static double Real(string cell, int line) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new InvalidDataException($"Line {line}: '{cell}' is no finite number.");
}
