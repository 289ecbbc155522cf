using System.Globalization;
using TrainHarness.Compute;

namespace TrainHarness.Results;

/// <summary>evaluations.csv: one row per evaluation, written whole.</summary>
public static class EvaluationTable
{
    private static readonly string[] FixedColumns =
        ["step", "epoch", "examples", "forwardMacs", "gradInputMacs", "gradWeightMacs", "evaluationMacs", "seconds", "joules", "loss"];

    // A trial evaluates tens or hundreds of times.
    private const int MostRows = 1_000_000;

    public static string ToCsv(IReadOnlyList<Evaluation> evaluations, IReadOnlyList<string> metrics)
    {
        var lines = new List<string> { string.Join(',', FixedColumns.Concat(metrics)) };
        lines.AddRange(evaluations.Select(evaluation => string.Join(',', Cells(evaluation, metrics))));
        return string.Join('\n', lines) + "\n";
    }

    /// <exception cref="InvalidDataException">A row does not fit the header, or a cell is no number.</exception>
    public static IReadOnlyList<Evaluation> FromCsv(string csv)
    {
        if (csv.AsSpan().Count('\n') > MostRows)
            throw new InvalidDataException($"More than {MostRows} lines.");
        var lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var header = lines.Length == 0 ? [] : lines[0].Split(',');
        if (!header.Take(FixedColumns.Length).SequenceEqual(FixedColumns))
            throw new InvalidDataException($"The first line is not '{string.Join(',', FixedColumns)},…'.");
        if (header.Distinct(StringComparer.Ordinal).Count() < header.Length)
            throw new InvalidDataException("A name stands twice in the first line.");
        return [.. lines.Skip(1).Select((line, index) => Row(line, index + 2, header))];
    }

    private static IEnumerable<string> Cells(Evaluation evaluation, IReadOnlyList<string> metrics) =>
    [
        evaluation.Step.ToString(CultureInfo.InvariantCulture),
        Number(evaluation.Epoch),
        evaluation.Examples.ToString(CultureInfo.InvariantCulture),
        evaluation.Ledger.Forward.ToString(),
        evaluation.Ledger.GradInput.ToString(),
        evaluation.Ledger.GradWeight.ToString(),
        evaluation.Ledger.Evaluation.ToString(),
        Number(evaluation.Seconds),
        evaluation.Joules is { } joules ? Number(joules) : "",
        Number(evaluation.Loss),
        .. metrics.Select(metric => Number(evaluation.Metrics[metric])),
    ];

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static Evaluation Row(string line, int number, string[] header)
    {
        var cells = line.Split(',');
        if (cells.Length != header.Length)
            throw new InvalidDataException($"Line {number} has {cells.Length} cells; the header has {header.Length}.");
        var evaluation = new Evaluation
        {
            Step = Whole(cells[0], number),
            Epoch = Real(cells[1], number),
            Examples = Whole(cells[2], number),
            Ledger = new ComputeLedger(Count(cells[3], number), Count(cells[4], number), Count(cells[5], number), Count(cells[6], number)),
            Seconds = Real(cells[7], number),
            Joules = cells[8].Length == 0 ? null : Real(cells[8], number),
            Loss = Real(cells[9], number),
            Metrics = header.Skip(FixedColumns.Length).Zip(cells.Skip(FixedColumns.Length))
                .ToDictionary(pair => pair.First, pair => Real(pair.Second, number)),
        };
        return evaluation.Metrics.Values.All(value => value is >= 0 and <= 1)
            ? evaluation
            : throw new InvalidDataException($"Line {number} has a metric outside 0 to 1.");
    }

    private static long Whole(string cell, int line) =>
        long.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidDataException($"Line {line}: '{cell}' is no whole number.");

    private static Macs Count(string cell, int line) =>
        UInt128.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? new Macs(value)
            : throw new InvalidDataException($"Line {line}: '{cell}' is no number of multiply-adds.");

    private static double Real(string cell, int line) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && value >= 0
            ? value
            : throw new InvalidDataException($"Line {line}: '{cell}' is no finite number of at least 0.");
}
