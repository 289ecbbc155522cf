using TorchSharp;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Devices;

/// <summary>The device that a trial runs on.</summary>
public static class ComputeDevice
{
    /// <param name="name"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="ConfigurationException">Unknown, or not on this machine.</exception>
    public static Device Parse(string name)
    {
        if (name == "cpu")
            return CPU;
        if (name == "auto")
            return cuda.is_available() ? new Device(DeviceType.CUDA, 0) : CPU;
        RequireName(name);
        var index = CudaIndex(name)!.Value;
        if (!cuda.is_available())
            throw new ConfigurationException($"--device: '{name}' {WhyNoCuda(TorchLibrary.Description)}, or use --device cpu.");
        return index < cuda.device_count()
            ? new Device(DeviceType.CUDA, index)
            : throw new ConfigurationException(
                $"--device: '{name}' is not on this machine; allowed: cuda:0 to cuda:{cuda.device_count() - 1}."
            );
    }

    /// <summary>Refuses what can be no device on any machine.</summary>
    /// <exception cref="ConfigurationException">Unknown.</exception>
    public static void RequireName(string name)
    {
        if (name is not ("auto" or "cpu") && CudaIndex(name) is null)
            throw new ConfigurationException($"--device: unknown device '{name}'; allowed: auto, cpu, cuda, cuda:N.");
    }

    private static int? CudaIndex(string name)
    {
        if (name == "cuda")
            return 0;
        return name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out var number) && number >= 0
            ? number
            : null;
    }

    private static string WhyNoCuda(TorchLibraryDescription library) =>
        library.Backend == "cuda"
            ? $"needs an NVIDIA GPU with a driver that libtorch {library.Version} takes, and finds none; see nvidia-smi"
            : $"needs a CUDA build of libtorch, and the one in {library.Folder} is for the CPU only; {library.WayToCuda}";

    /// <summary>Refuses a precision that would be another one on this device, so that no record says what was not computed.</summary>
    /// <exception cref="ConfigurationException">As below, or a deterministic GPU on a libtorch that lacks the switch.</exception>
    public static void Require(Study study, Recipe recipe, Device device)
    {
        Require(recipe, device);
        if (study.Deterministic && device.type == DeviceType.CUDA && !NativePath.CudnnSettings.IsAvailable)
            throw new ConfigurationException(
                $"{study.Name}: 'deterministic: true' is not available on this libtorch "
                    + $"({TorchLibrary.Description.Version ?? "of unknown version"}); allowed on {device}: false."
            );
    }

    /// <summary>The same of a recipe alone.</summary>
    /// <exception cref="ConfigurationException">TF32 without a CUDA device, or bf16 on a libtorch that lacks the switch.</exception>
    public static void Require(Recipe recipe, Device device)
    {
        if (recipe.Precision == Precision.Tf32 && device.type != DeviceType.CUDA)
            throw new ConfigurationException(
                $"{recipe.Name}: 'precision: tf32' is a mode of NVIDIA GPUs; allowed on {device}: fp32, bf16."
            );
        if (recipe.Precision == Precision.Bf16 && !NativePath.AutocastBf16.IsAvailable)
            throw new ConfigurationException(
                $"{recipe.Name}: 'precision: bf16' is not available on this libtorch "
                    + $"({TorchLibrary.Description.Version ?? "of unknown version"}); allowed: "
                    + $"fp32{(device.type == DeviceType.CUDA ? ", tf32" : "")}."
            );
    }

    /// <summary>
    /// Sets threads, what fp32 arithmetic means on CUDA devices (libtorch would let cuDNN round to TF32 unasked), and how cuDNN chooses its
    /// kernels, for the whole process.
    /// </summary>
    public static void Set(Study study, Precision precision) => Set(study.Threads, precision, study.Deterministic);

    /// <inheritdoc cref="Set(Study, Precision)"/>
    public static void Set(int threads, Precision precision, bool deterministic)
    {
        set_num_threads(threads);
        backends.cuda.matmul.allow_tf32 = precision == Precision.Tf32;
        backends.cudnn.allow_tf32 = precision == Precision.Tf32;
        if (!CudnnSettings.IsAvailable)
            return;
        // Timed kernels may differ from run to run, and so their rounding.
        CudnnSettings.Benchmark = !deterministic;
        CudnnSettings.Deterministic = deterministic;
    }

    /// <summary>Whether cuDNN times its kernels; null where there is no cuDNN or it cannot be told.</summary>
    public static bool? CudnnBenchmarks(Device device) =>
        device.type == DeviceType.CUDA && CudnnSettings.IsAvailable ? CudnnSettings.Benchmark : null;

    /// <summary>Brings a tensor to the device without waiting for what the device does; the tensor that is given is gone.</summary>
    /// <param name="host">In the host's memory. On a CPU it is the result.</param>
    public static Tensor Upload(Tensor host, Device device)
    {
        if (device.type == DeviceType.CPU)
            return host;
        using (host)
            return host.to(device, non_blocking: true);
    }

    /// <summary>Waits until the device has done all that was asked of it, so that a clock read now is honest.</summary>
    public static void Synchronize(Device device)
    {
        if (device.type == DeviceType.CUDA)
            cuda.synchronize(device);
    }
}
