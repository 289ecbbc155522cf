using TrainHarness.Analysis;
using TrainHarness.Compute;
using TrainHarness.Reports.Charts;
using TrainHarness.Reports.Wording;

namespace TrainHarness.Reports.Tables;

/// <summary>Amounts of a measure of cost in tables.</summary>
internal static class AmountCell
{
    public static Cell Of(Amount? amount, AmountFormat format) =>
        amount is { } known ? new Cell(Text(known.Value, format), known.Value) : Shown.Unknown;

    private static string Text(double amount, AmountFormat format) =>
        format switch
        {
            AmountFormat.Prefixed => AxisRange.Text(Scale.Log, amount),
            AmountFormat.Duration => Shown.Duration(amount),
            AmountFormat.Digits => SignificantDigits.Of(amount),
            AmountFormat.Whole => Shown.Number(amount, "0"),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
        };
}
