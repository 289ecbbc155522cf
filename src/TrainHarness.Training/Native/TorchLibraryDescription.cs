namespace TrainHarness.Training.Native;

/// <summary>Which libtorch computes, for the provenance of a record.</summary>
/// <param name="Version"><c>major.minor.patch</c> as libtorch itself says; null where it is too old to say.</param>
/// <param name="Folder">Where libtorch was loaded from.</param>
/// <param name="Backend"><c>cpu</c> or <c>cuda</c>: what this libtorch was built for, not what the machine has.</param>
/// <param name="Cured">Whether TorchSharp's native library needed the copy of <see cref="TorchLibrary"/>'s cache folder to load.</param>
public sealed record TorchLibraryDescription(string? Version, string Folder, string Backend, bool Cured);
