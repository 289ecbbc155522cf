using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TrainHarness.Results;
using TrainHarness.Training.Native.Kernels;
using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Kernels;

/// <summary>All that a verdict holds for; whatever of it changes, the kernels are compared anew.</summary>
/// <param name="Processor">What CPUID says of its kind, its instructions and its caches.</param>
/// <param name="Libtorch">Folder, size and time of the library that computes.</param>
/// <param name="Program">The build of this program, whose architectures may change.</param>
/// <param name="Candidates">What is compared, in this order.</param>
internal sealed record KernelVerdictKey(
    string Processor,
    string Libtorch,
    string Program,
    IReadOnlyList<string> Candidates,
    KernelCheckRequest Request
)
{
    private static readonly (int Leaf, int Subleaf)[] Leaves =
    [
        (0, 0),
        (1, 0),
        (4, 0),
        (7, 0),
        (7, 1),
        (unchecked((int)0x80000001), 0),
        (unchecked((int)0x80000006), 0),
        (unchecked((int)0x8000001D), 0),
    ];

    // Without the number of the core that answers, and how many there are.
    private const int OfEveryCore = 0x0000FFFF;

    public static KernelVerdictKey Of(IEnumerable<KernelSet?> candidates, KernelCheckRequest request) =>
        new(
            ProcessorNow(),
            LibraryNow(),
            typeof(KernelVerdictKey).Assembly.ManifestModule.ModuleVersionId.ToString(),
            [.. candidates.Select(set => set?.Name ?? $"{KernelChoice.Users} {ConvolutionKernels.UsersLimit}")],
            request
        );

    /// <summary>Of the file that remembers it.</summary>
    public string FileName => $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))[..32]}.json";

    /// <summary>Two keys are the same where this is.</summary>
    public string Text => ResultsJson.Write(this);

    private static string ProcessorNow() =>
        string.Join(
            ' ',
            Leaves.Select(leaf =>
            {
                var (eax, ebx, ecx, edx) = HiddenCaches.CpuId(leaf.Leaf, leaf.Subleaf);
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{eax:x8}.{(leaf.Leaf == 1 ? ebx & OfEveryCore : ebx):x8}.{ecx:x8}.{edx:x8}"
                );
            })
        );

    private static string LibraryNow()
    {
        var folder = LibtorchFolder.Find(Environment.GetEnvironmentVariable(LibtorchFolder.Variable), LibtorchFolder.ApplicationFolders());
        var library = new FileInfo(Path.Combine(folder.Path, LibtorchFolder.FileName(LibtorchApi.Library)));
        return string.Create(CultureInfo.InvariantCulture, $"{library.FullName}, {library.Length} bytes, {library.LastWriteTimeUtc:O}");
    }
}
