using TrainHarness.Training.Native;

namespace TrainHarness.GpuCheck.Checks;

/// <summary>Whether libtorch shows what the native paths need; a path that is missing costs speed, or a feature, and is said.</summary>
internal static class SymbolsCheck
{
    private const string Name = "symbols";

    public static Check Check { get; } = new(Name, "the functions that native paths need", 15, Run);

    private static IEnumerable<CheckLine> Run(CheckRequest request)
    {
        foreach (var path in NativePath.All)
        {
            // Lists of tensors go by TorchScript, which only TorchSharp's own library calls: no fault of this libtorch.
            yield return !path.IsAvailable
            && TorchLibrary.Description.Misfit is not null
            && (path == NativePath.ForeachAverage || path == NativePath.ForeachClip)
                ? CheckLine.Measured(Name, path.Name, $"{path.Otherwise}, since libtorch is called by its dispatcher")
                : Line(path.Name, path.IsAvailable, path.Otherwise);
        }

        var isCuda = TorchLibrary.Description.Backend == "cuda";
        yield return OfCuda(
            "CUDA runtime",
            CudaRuntime.Loaded is not null,
            $"datasets are streamed, and {NativePath.CopyStream.Otherwise}"
        );
        yield return OfCuda("CUDA generator", CudaGenerator.IsAvailable, "a resumed trial with dropout draws other numbers");
        yield return OfCuda("CUDA graphs", CudaGraph.IsAvailable, $"missing: {string.Join(", ", CudaGraph.Missing)}");

        CheckLine OfCuda(string what, bool isThere, string otherwise) =>
            isCuda ? Line(what, isThere, otherwise) : CheckLine.NotRun(Name, what, "libtorch for the CPU");
    }

    private static CheckLine Line(string what, bool isThere, string otherwise) =>
        CheckLine.Of(Name, what, isThere, isThere ? "there" : otherwise, "there");
}
