using System.Text.RegularExpressions;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>What one side says of itself before anything is timed.</summary>
internal sealed partial record SideDescription
{
    /// <summary>The language and its version.</summary>
    public required string Runtime { get; init; }

    public required string Libtorch { get; init; }

    /// <summary>As <c>torch.__config__.show()</c>; null where the library does not tell.</summary>
    public required string? Configuration { get; init; }

    /// <summary>File names of the loaded libraries for BLAS, OpenMP and memory.</summary>
    public required IReadOnlyList<string> Libraries { get; init; }

    public required int Threads { get; init; }

    /// <summary>The form of SGD: fused, over lists, or one parameter after the other.</summary>
    public required string Optimizer { get; init; }

    /// <summary>Of a GPU; null on a CPU, and where TorchSharp does not tell.</summary>
    public required string? DeviceName { get; init; }

    public required long Parameters { get; init; }

    /// <summary>Before each of the first updates.</summary>
    public required IReadOnlyList<double> Losses { get; init; }

    /// <summary>Of the first step, before any update; null where this side did not say, as in results of earlier versions.</summary>
    public StepErrors? Errors { get; init; }

    /// <summary>What was chosen for oneDNN, and how threads wait where that was chosen; empty where both are as they come.</summary>
    public IReadOnlyList<string> Kernels { get; init; } = [];

    /// <summary>MKL with its version where it is built in, otherwise the loaded library, otherwise unknown.</summary>
    public string Blas()
    {
        if (Configuration is { } text && MklVersion().Match(text) is { Success: true } mkl)
            return $"MKL {mkl.Groups[1].Value}";
        return Libraries.Any(name => name.Contains("openblas", StringComparison.Ordinal))
            ? "OpenBLAS"
            : Libraries.FirstOrDefault(name => name.Contains("blas", StringComparison.Ordinal)) ?? "unknown BLAS";
    }

    public bool HasTcmalloc() => Libraries.Any(name => name.Contains("tcmalloc", StringComparison.Ordinal));

    /// <summary>oneDNN, which computes convolutions on a CPU; null where it is not built in.</summary>
    public string? OneDnn() =>
        Configuration is { } text && OneDnnVersion().Match(text) is { Success: true } version ? version.Groups[1].Value : null;

    [GeneratedRegex(@"Math Kernel Library Version (\d{4}(?:\.\d+)?)")]
    private static partial Regex MklVersion();

    [GeneratedRegex(@"MKL-DNN v(\S+)")]
    private static partial Regex OneDnnVersion();
}
