using TrainHarness.Training.Native;

namespace TrainHarness.Cli.Execution;

/// <summary>What tells of an NVIDIA GPU without libtorch, so that a machine that trains on its CPU can say why.</summary>
/// <param name="HasDriver">
/// The kernel, which a container shares with its host, has NVIDIA's driver; on Windows, CUDA's library is there.
/// </param>
/// <param name="HasDevice">A device file of a GPU is there, so that programs can open it.</param>
/// <param name="HasTool">nvidia-smi is there.</param>
/// <param name="ContainerWish">NVIDIA_VISIBLE_DEVICES: what a container asks its runtime for; null where it is not set.</param>
/// <param name="ProcessWish">CUDA_VISIBLE_DEVICES: what this process may see; null where it is not set.</param>
internal sealed record GpuSigns(bool HasDriver, bool HasDevice, bool HasTool, string? ContainerWish, string? ProcessWish)
{
    private const string ContainerVariable = "NVIDIA_VISIBLE_DEVICES";
    private const string ProcessVariable = "CUDA_VISIBLE_DEVICES";
    private const string WayIn =
        "start the container with its GPUs (docker run --gpus all, podman run --device nvidia.com/gpu=all, apptainer exec --nv)";

    public static GpuSigns OfThisMachine() =>
        Of(
            "/",
            Environment.GetEnvironmentVariable,
            OperatingSystem.IsWindows() && File.Exists(Path.Combine(Environment.SystemDirectory, "nvcuda.dll"))
        );

    /// <param name="root">Where the folders dev and proc lie.</param>
    /// <param name="variable">Value of an environment variable; null where it is not set.</param>
    /// <param name="hasWindowsDriver">As its name says; there is no device file then.</param>
    public static GpuSigns Of(string root, Func<string, string?> variable, bool hasWindowsDriver) =>
        new(
            hasWindowsDriver
                || Directory.Exists(Path.Combine(root, "proc", "driver", "nvidia"))
                || File.Exists(Path.Combine(root, "dev", "dxg")),
            hasWindowsDriver || HasDeviceFile(Path.Combine(root, "dev")),
            (variable("PATH") ?? "")
                .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Any(folder => File.Exists(Path.Combine(folder, "nvidia-smi")) || File.Exists(Path.Combine(folder, "nvidia-smi.exe"))),
            variable(ContainerVariable),
            variable(ProcessVariable)
        );

    /// <summary>Why a libtorch that finds no GPU finds none, and what to do; null where nothing tells of a GPU.</summary>
    public (string Found, string Advice)? WhyNone(TorchLibraryDescription library)
    {
        // With an empty value, or one that starts with no number, CUDA shows none.
        if (HasDriver && ProcessWish is not null && (ProcessWish.Trim() is "" or ['-', ..]))
            return ($"{ProcessVariable}='{ProcessWish}' hides every GPU", $"unset {ProcessVariable}, or name a GPU in it");
        if (HasDevice)
        {
            return library.Backend != "cuda"
                ? ("this machine has an NVIDIA GPU, and this libtorch is for the CPU only", library.WayToCuda)
                : (
                    "this machine has an NVIDIA GPU, and this libtorch cannot use it",
                    "see nvidia-smi: the driver may be too old for this libtorch, or the GPU in use by another process alone"
                );
        }

        if (HasDriver)
        {
            return (
                "the system has NVIDIA's driver, and no GPU is visible here (no /dev/nvidia0), as in a container that was started "
                    + "without its GPUs",
                WayIn
            );
        }

        if (ContainerWish?.Trim() is { Length: > 0 } wish and not ("void" or "none"))
            return (
                $"{ContainerVariable}={wish} asks for GPUs, and none is visible here (no /dev/nvidia0)",
                $"{WayIn}, on a machine that has some"
            );
        return HasTool ? ("nvidia-smi is here, and no GPU is visible (no /dev/nvidia0)", $"load NVIDIA's driver, or {WayIn}") : null;
    }

    // nvidiactl and the like are there without a GPU. Windows shows its GPUs to its own Linux by dxg.
    private static bool HasDeviceFile(string devices) =>
        Directory.Exists(devices)
        && (
            File.Exists(Path.Combine(devices, "dxg"))
            || Directory.EnumerateFiles(devices, "nvidia*").Any(file => char.IsAsciiDigit(file[^1]))
        );
}
