using System.Numerics;
using Parquet;
using Parquet.Data;
using Parquet.Schema;
using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Results;

namespace TrainHarness.Reports.Exports;

/// <summary>
/// evaluations.parquet: a row for every evaluation of every trial, with the columns of evaluations.csv behind what tells the trials
/// apart. Multiply-adds are whole decimals of 38 digits, so that none is lost; what a trial does not have is null.
/// </summary>
internal static class EvaluationsParquet
{
    private const int Digits = 38;

    public static IEnumerable<ExportedFile> Of(AnalysedStudy analysed)
    {
        List<Row> rows =
        [
            .. analysed.Trials().SelectMany(trial => trial.Evaluations.Select(evaluation => new Row(trial.Record, evaluation))),
        ];
        return [new ExportedFile("evaluations.parquet", Content(rows).GetAwaiter().GetResult())];
    }

    private sealed record Row(TrialRecord Trial, Evaluation Evaluation);

    /// <summary>A column, and how it is written.</summary>
    private sealed record Column(DataField Field, Func<ParquetRowGroupWriter, IReadOnlyList<Row>, Task> Write)
    {
        public static Column Text(string name, Func<Row, string> cell)
        {
            var field = new DataField(name, typeof(string), isNullable: false);
            return new Column(field, (group, rows) => group.WriteAsync(field, [.. rows.Select(cell)]));
        }

        public static Column Whole(string name, Func<Row, long> cell)
        {
            var field = new DataField<long>(name, nullable: false);
            return new Column(field, (group, rows) => group.WriteAsync<long>(field, rows.Select(cell).ToArray()));
        }

        public static Column Count(string name, Func<ComputeLedger, Macs> cell)
        {
            var field = new BigDecimalDataField(name, Digits, 0, isNullable: false);
            return new Column(field, (group, rows) =>
                group.WriteAsync<BigDecimal>(field, rows.Select(row => Decimal(cell(row.Evaluation.Ledger))).ToArray())
            );
        }

        public static Column Number(string name, Func<Row, double?> cell)
        {
            var field = new DataField<double>(name, nullable: true);
            return new Column(field, (group, rows) => group.WriteAsync<double>(field, rows.Select(cell).ToArray()));
        }
    }

    private static Column[] Columns(IReadOnlyList<Row> rows) =>
        [
            Column.Text("entry", row => row.Trial.Entry),
            Column.Text("architecture", row => row.Trial.Architecture.Name),
            Column.Text("recipe", row => row.Trial.Recipe.Name),
            Column.Whole("seed", row => row.Trial.Seed),
            Column.Text("outcome", row => row.Trial.Outcome.ToString().ToLowerInvariant()),
            Column.Text("device", row => row.Trial.Environment.DeviceName ?? row.Trial.Environment.Device),
            Column.Whole("step", row => row.Evaluation.Step),
            Column.Number("epoch", row => row.Evaluation.Epoch),
            Column.Whole("examples", row => row.Evaluation.Examples),
            Column.Count("forwardMacs", ledger => ledger.Forward),
            Column.Count("gradInputMacs", ledger => ledger.GradInput),
            Column.Count("gradWeightMacs", ledger => ledger.GradWeight),
            Column.Count("generationMacs", ledger => ledger.Generation),
            Column.Count("trainingMacs", ledger => ledger.Training),
            Column.Count("evaluationMacs", ledger => ledger.Evaluation),
            Column.Number("seconds", row => row.Trial.Clocks.IsItsOwn ? row.Evaluation.Seconds : null),
            Column.Number("joules", row => row.Evaluation.Joules),
            Column.Number(Metric.LossName, row => row.Evaluation.Loss),
            .. rows.SelectMany(row => row.Evaluation.Metrics.Keys)
                .Distinct()
                .Order(StringComparer.Ordinal)
                .Select(metric => Column.Number(metric, row => row.Evaluation.Metrics.TryGetValue(metric, out var value) ? value : null)),
        ];

    private static async Task<byte[]> Content(IReadOnlyList<Row> rows)
    {
        var columns = Columns(rows);
        using var file = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema([.. columns.Select(column => column.Field)]), file))
        {
            if (rows.Count > 0)
            {
                using var group = writer.CreateRowGroup();
                foreach (var column in columns)
                    await column.Write(group, rows);
                group.CompleteValidate();
            }
        }

        return file.ToArray();
    }

    private static BigDecimal Decimal(Macs macs) => new((BigInteger)macs.Count, Digits, 0);
}
