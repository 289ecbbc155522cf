using System.Runtime.CompilerServices;
using Xunit.v3;

namespace TrainHarness.Training.Tests.Cuda;

/// <summary>
/// A test that needs a GPU: it runs where one is there, and is skipped visibly where none is. Its trait is <c>needs: cuda</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CudaFactAttribute : FactAttribute, ITraitAttribute
{
    public CudaFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!TorchSharp.torch.cuda.is_available())
            Skip =
                TrainHarness.Training.Native.TorchLibrary.Description.Backend == "cuda"
                    ? "no CUDA device"
                    : "no CUDA device, or one that a libtorch for the CPU cannot use";
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("needs", "cuda")];
}
