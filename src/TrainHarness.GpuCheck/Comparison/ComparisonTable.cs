using System.Globalization;
using System.Text;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>Results as Markdown.</summary>
internal static class ComparisonTable
{
    public static string Write(ComparisonResults results)
    {
        var text = new StringBuilder();
        text.AppendLine("# The same training step in TrainHarness and in Python's PyTorch");
        text.AppendLine();
        text.AppendLine(results.Machine);
        text.AppendLine();
        text.AppendLine(
            "The same network, initial weights, batch, precision, memory layout and number of threads; parameter counts, the first "
                + "loss and the loss after four updates agree, and the first loss and gradients of each side are right by double "
                + "precision, or nothing is compared. Each side is started as its users start it. Forward, loss, backward and SGD with "
                + "momentum; neither side augments. All sides stay loaded and take turns; a ratio is the median of PyTorch's seconds "
                + "by TrainHarness's: above 1, TrainHarness is faster. In brackets the smallest and the largest ratio of one round. "
                + "\"Off\" is how far the first loss and the first gradients, all together, are from double precision, relatively."
        );
        text.AppendLine();
        text.AppendLine("| work | TrainHarness | off | ms | PyTorch | off | ms | ratio |");
        text.AppendLine("|---|---|---|---:|---|---|---:|---|");
        foreach (var cell in results.Cells)
        {
            foreach (var side in cell.Theirs)
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {Work(cell)} | {Libraries(cell.Ours)} | {Errors(cell.Ours)} | {Milliseconds(cell.Ours)} | {Libraries(side)} | "
                        + $"{Errors(side)} | {Milliseconds(side)} | {Ratio(side)} |"
                );
        }

        text.AppendLine();
        foreach (var group in results.Cells.GroupBy(cell => cell.Allocator))
            text.AppendLine(Summary(group.Key, [.. group]));
        return text.ToString();
    }

    private static string Summary(Allocator allocator, List<ComparisonResult> cells)
    {
        var memory = allocator switch
        {
            Allocator.AsStarted =>
                "Each side as its users start it (trials of a study with tcmalloc, or a glibc that keeps freed memory, Python with "
                    + "glibc as it comes)",
            Allocator.Keep => "All sides allocate as trials of a study do",
            _ => "All sides have glibc as it comes, which gives freed memory back to the system",
        };
        var worst = cells.Where(cell => cell.Smallest() is not null).MinBy(cell => cell.Smallest()!.Ratio);
        return worst is null
            ? $"{memory}: nothing was compared."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{memory}: over {cells.Count} cells, against the fastest PyTorch of each as it comes (without torch.compile), the "
                    + $"geometric mean of the ratios is {ComparisonResults.GeometricMean(cells):F3}; the smallest is "
                    + $"{worst.Smallest()!.Ratio:F3} ({worst.Work.Name})."
            );
    }

    private static string Work(ComparisonResult cell) =>
        cell.Allocator switch
        {
            Allocator.AsStarted => cell.Work.Name,
            Allocator.Keep => $"{cell.Work.Name}, all allocate as trials",
            _ => $"{cell.Work.Name}, all with glibc as it comes",
        };

    private static string Libraries(SideResult side) =>
        side.Description is not { } description
            ? side.Name
            : string.Create(
                CultureInfo.InvariantCulture,
                $"libtorch {description.Libtorch}, {description.Blas()}{(description.OneDnn() is { } oneDnn ? $", oneDNN {oneDnn}" : "")}, "
                    + $"{description.Optimizer} SGD{(description.HasTcmalloc() ? ", tcmalloc" : "")}"
                    + $"{string.Concat(description.Kernels.Select(kernels => $", {kernels}"))}{(side.IsCompiled ? ", torch.compile" : "")}"
                    + $"{(IsKeptToAvx(side) ? ", oneDNN kept to AVX as its own results are wrong" : "")}"
            );

    private static bool IsKeptToAvx(SideResult side) => side.Name.Contains("kept to AVX", StringComparison.Ordinal);

    private static string Errors(SideResult side) =>
        side.Description?.Errors is { } errors
            ? string.Create(CultureInfo.InvariantCulture, $"{errors.Loss:G2}, {errors.Gradients:G2}")
            : "unknown";

    private static string Milliseconds(SideResult side) =>
        side.Seconds.Count > 0
            ? (side.MedianSeconds() * 1000).ToString(side.MedianSeconds() < 0.01 ? "F3" : "F1", CultureInfo.InvariantCulture)
            : "–";

    private static string Ratio(SideResult side) =>
        side.Refusal ?? string.Create(CultureInfo.InvariantCulture, $"**{side.Ratio:F3}** ({side.Low:F2} to {side.High:F2})");
}
