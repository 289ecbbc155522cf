using TrainHarness.Training.Native.Libtorch;

namespace TrainHarness.Training.Native;

/// <summary>Which libtorch computes, for the provenance of a record.</summary>
/// <param name="Version"><c>major.minor.patch</c> as libtorch itself says; null where it is too old to say.</param>
/// <param name="Folder">Where libtorch was loaded from.</param>
/// <param name="IsForeign">Whether the user named that folder, so that libtorch did not come with this program.</param>
/// <param name="Backend"><c>cpu</c> or <c>cuda</c>: what this libtorch was built for, not what the machine has.</param>
/// <param name="Cured">Whether TorchSharp's native library needed the copy of <see cref="TorchLibrary"/>'s cache folder to load.</param>
/// <param name="Misfit">Why that library does not fit this libtorch, which is called by its dispatcher instead; null where it fits.</param>
public sealed record TorchLibraryDescription(string? Version, string Folder, bool IsForeign, string Backend, bool Cured, string? Misfit)
{
    /// <summary>What to do for a libtorch that computes on NVIDIA GPUs.</summary>
    public string WayToCuda =>
        IsForeign
            ? $"name the lib folder of a CUDA build in {LibtorchFolder.Variable}"
            : "build with -p:TorchBackend=cuda-linux or cuda-windows";
}
