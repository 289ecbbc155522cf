using System.Globalization;
using TrainHarness.Compute;
using TrainHarness.Training.Native;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>Multiply-adds that the hardware counted in the forward pass of single layers, beside those of the compute ledger.</summary>
internal static class CountersCheck
{
    private const string Name = "counters";

    // Tiles that are not full, and sums over parts, cost a little more than the nominal products.
    private const double Min = 0.99;
    private const double Max = 1.25;

    public static Check Check { get; } = new(Name, "multiply-adds that the hardware counts in single layers, beside ours", 75, Run);

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        TorchLibrary.Load();
        if (NsightCompute.Find() is not { } ncu)
        {
            yield return CheckLine.NotRun(Name, "", "ncu not found");
            yield break;
        }

        var known = NsightCompute.Counters(ncu);
        foreach (var layer in SingleLayer.All)
            yield return Line(ncu, known, layer, request.Device);
    }

    private static CheckLine Line(string ncu, IReadOnlySet<string> known, SingleLayer layer, string device)
    {
        if (Counter(known, layer.Precision) is not ({ } counter, var macsOfOne))
            return CheckLine.NotRun(Name, layer.Name, "ncu has no counter for it on this GPU");
        try
        {
            var start = CheckProcess.OwnCommand([SingleLayer.Verb, layer.Name, device]);
            var counted =
                NsightCompute.Count(ncu, [counter], [start.FileName, .. start.ArgumentList]).GetValueOrDefault($"{counter}.sum")
                * macsOfOne;
            var ratio = counted / layer.ForwardMacs();
            var figure = string.Create(
                CultureInfo.InvariantCulture,
                $"{counted:E4} counted ({counter}), {layer.ForwardMacs():E4} nominal: {ratio:F4} ×"
            );
            var line = layer.IsProduct
                ? CheckLine.Of(
                    Name,
                    layer.Name,
                    ratio is >= Min and <= Max,
                    figure,
                    string.Create(CultureInfo.InvariantCulture, $"{Min} to {Max} ×")
                )
                : CheckLine.Measured(Name, layer.Name, figure);
            return line with
            {
                Values = new Dictionary<string, double> { ["counted"] = counted, ["nominal"] = layer.ForwardMacs() },
            };
        }
        catch (InvalidOperationException error)
        {
            return CheckLine.NotRun(Name, layer.Name, error.Message);
        }
    }

    /// <summary>Outside the tensor cores a fused multiply-add of one thread; inside, operations, two for each multiply-add.</summary>
    private static (string? Name, double MacsOfOne) Counter(IReadOnlySet<string> known, Precision precision)
    {
        string[] names =
            precision == Precision.Fp32
                ? ["sm__sass_thread_inst_executed_op_ffma_pred_on", "smsp__sass_thread_inst_executed_op_ffma_pred_on"]
                :
                [
                    "sm__ops_path_tensor_src_bf16_dst_fp32",
                    "sm__ops_path_tensor_src_bf16_dst_fp32_sparsity_off",
                    "sm__ops_path_tensor_op_hgmma_src_bf16_dst_fp32_sparsity_off",
                ];
        return (Array.Find(names, known.Contains), precision == Precision.Fp32 ? 1 : 0.5);
    }
}
