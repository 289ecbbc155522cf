using System.Globalization;
using TrainHarness.Compute;

namespace TrainHarness.Published;

/// <summary>Recomputes a row from its raw inputs and flags what does not agree with what was printed.</summary>
internal static class RowRecomputation
{
    /// <summary>A chart and a worked example of one number that are further apart are flagged.</summary>
    private const double ChartTolerance = 0.1;

    private static readonly Dictionary<string, double> OperationsOf = new()
    {
        ["teraflop/s-days"] = Flops.TeraflopDay,
        ["petaflop/s-days"] = Flops.TeraflopDay * 1000,
        ["US dollars"] = 1,
        ["times"] = 1,
    };

    /// <param name="incomparable">Why no row but the first has a factor; null where they compare.</param>
    public static PublishedRow Of(RawRow row, RawRow first, string? incomparable)
    {
        var flags = new List<string>(row.Flags);
        var factor = Factor(row, first, incomparable, flags);
        if (factor is { } recomputed && row.Factor is { } printed && !Printed.Agrees(recomputed, printed))
            flags.Add(Text($"printed {printed}x, recomputed {SignificantDigits.Of(recomputed)}x"));
        if (row.Table3 is { } table && row.GigaMultiplyAdds is { } multiplyAdds)
            FlagTable3(row.Operations!.Value / 1e15, table, multiplyAdds, flags);
        foreach (var method in row.Methods)
            FlagMethod(method, row.Compute, flags);
        return new PublishedRow(
            row.System,
            row.Published,
            row.Compute ?? (row.Table3 * 1e15 / Flops.TeraflopDay),
            row.Unit,
            row.Convention,
            row.Factor,
            factor,
            flags,
            row.Source
        )
        {
            RecomputedCompute = OperationsOf.TryGetValue(row.Unit, out var unit) ? row.Operations / unit : null,
            Epochs = row.Epochs,
            GigaMultiplyAdds = row.GigaMultiplyAdds,
            EpochsFactor = first.Epochs / row.Epochs,
            PerExampleFactor = first.GigaMultiplyAdds / row.GigaMultiplyAdds,
            Growth = incomparable is null ? null : row.Compute / first.Compute,
            Hours = row.Hours,
        };
    }

    private static double? Factor(RawRow row, RawRow first, string? incomparable, List<string> flags)
    {
        if (row == first)
            return 1;
        if (incomparable is not null)
            flags.Add(incomparable);
        else if (row.Convention != first.Convention)
            flags.Add($"counted as '{row.Convention}', the first row as '{first.Convention}': not divided");
        else if (row.Operations is { } operations && first.Operations is { } firstOperations)
            return firstOperations / operations;
        else if (row.Compute is { } compute && first.Compute is { } firstCompute)
            return firstCompute / compute;
        return null;
    }

    /// <summary>Table 3 prints a digit after the point; its multiply-adds are rounded to 0.01 G.</summary>
    private static void FlagTable3(double petaflop, double table, double multiplyAdds, List<string> flags)
    {
        flags.Add("its number in Table 3 is petaFLOP, printed under 'teraflop/s-days'");
        if (Math.Abs(petaflop - table) > 0.05 + (petaflop * 0.005 / multiplyAdds))
            flags.Add(Text($"epochs and multiply-adds make {petaflop:F1} petaFLOP"));
    }

    private static void FlagMethod(RawMethod method, double? chart, List<string> flags)
    {
        var days = method.Operations / (Flops.TeraflopDay * 1000);
        if (!Printed.Agrees(days, method.Printed))
            flags.Add(Text($"method {method.Number}'s factors multiply to {SignificantDigits.Of(days)}, printed as {method.Printed}"));
        if (chart is { } shown && Math.Abs(method.Printed - shown) > ChartTolerance * shown)
            flags.Add(Text($"method {method.Number} prints {method.Printed}, the chart has {shown}"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A recomputed number beside a printed one.</summary>
internal static class Printed
{
    /// <summary>Whether it rounds to the printed one, at the digits that were printed.</summary>
    public static bool Agrees(double recomputed, double printed)
    {
        var text = ((decimal)printed).ToString(CultureInfo.InvariantCulture);
        var decimals = text.Contains('.', StringComparison.Ordinal) ? text.Length - text.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
        return Math.Abs(recomputed - printed) <= 0.5 * Math.Pow(10, -decimals) * (1 + 1e-9);
    }
}
