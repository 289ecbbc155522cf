using System.Runtime.CompilerServices;
using Xunit.v3;

namespace TrainHarness.Training.Tests.Cuda;

/// <summary>A test that needs a GPU: it runs where one is there, and is skipped visibly where none is. Its trait is <c>needs: cuda</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CudaFactAttribute : FactAttribute, ITraitAttribute
{
    public CudaFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!TorchSharp.torch.cuda.is_available())
            Skip = "no CUDA device";
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("needs", "cuda")];
}
