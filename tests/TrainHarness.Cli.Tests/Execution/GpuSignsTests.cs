using TrainHarness.Cli.Execution;
using TrainHarness.Training.Native;

namespace TrainHarness.Cli.Tests.Execution;

/// <summary>Why a machine trains on its CPU, told by what an NVIDIA GPU leaves in the system.</summary>
public sealed class GpuSignsTests : IDisposable
{
    private static readonly TorchLibraryDescription Cpu = new("2.10.0", "/lib", IsForeign: false, "cpu", Cured: false, Misfit: null);
    private static readonly TorchLibraryDescription Cuda = Cpu with { Backend = "cuda" };

    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_machine_without_any_sign_of_a_GPU_says_nothing()
    {
        Assert.Null(Signs().WhyNone(Cpu));
        // Images of CUDA set this; without a GPU it may be taken back.
        Assert.Null(Signs(("NVIDIA_VISIBLE_DEVICES", "void")).WhyNone(Cuda));
        Assert.Null(Signs(("NVIDIA_VISIBLE_DEVICES", "none")).WhyNone(Cuda));
        Assert.Null(Signs(("CUDA_VISIBLE_DEVICES", "")).WhyNone(Cuda));
    }

    [Fact]
    public void A_container_that_was_started_without_its_GPUs_says_so()
    {
        Assert.Contains(
            "NVIDIA_VISIBLE_DEVICES=all asks for GPUs, and none is visible here",
            Found(Cuda, ("NVIDIA_VISIBLE_DEVICES", "all")),
            StringComparison.Ordinal
        );
        folder.Write("proc/driver/nvidia/version", "NVRM version");
        folder.Write("dev/nvidiactl", "");
        Assert.Contains("no GPU is visible here (no /dev/nvidia0), as in a container", Found(Cpu), StringComparison.Ordinal);
        Assert.Contains("docker run --gpus all", Signs().WhyNone(Cuda)!.Value.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tool_without_a_device_is_told()
    {
        folder.Write("bin/nvidia-smi", "");
        Assert.Contains("nvidia-smi is here, and no GPU is visible", Found(Cuda, ("PATH", folder["bin"])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_GPU_that_is_hidden_from_this_process_is_told_with_the_variable()
    {
        folder.Write("proc/driver/nvidia/version", "NVRM version");
        folder.Write("dev/nvidia0", "");
        Assert.Equal("CUDA_VISIBLE_DEVICES='' hides every GPU", Found(Cuda, ("CUDA_VISIBLE_DEVICES", "")));
        Assert.Equal("CUDA_VISIBLE_DEVICES='-1' hides every GPU", Found(Cuda, ("CUDA_VISIBLE_DEVICES", "-1")));
    }

    [Fact]
    public void A_GPU_that_this_libtorch_cannot_use_is_told_with_the_way_to_one_that_can()
    {
        folder.Write("proc/driver/nvidia/version", "NVRM version");
        folder.Write("dev/nvidia0", "");
        Assert.Equal(("this machine has an NVIDIA GPU, and this libtorch is for the CPU only", Cpu.WayToCuda), Signs().WhyNone(Cpu));
        Assert.Contains("the driver may be too old", Signs().WhyNone(Cuda)!.Value.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Linux_on_Windows_shows_its_GPU_by_another_file()
    {
        folder.Write("dev/dxg", "");
        Assert.Contains("is for the CPU only", Found(Cpu), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_and_a_study_run_say_why_they_are_on_the_CPU()
    {
        Assert.SkipWhen(GpuSigns.OfThisMachine().HasDriver, "this machine has an NVIDIA driver");
        (string, string)[] environment = [("NVIDIA_VISIBLE_DEVICES", "all"), ("OMP_WAIT_POLICY", "passive")];
        var doctor = await Trainharness.Run(folder.Path, environment, ["doctor"]);
        Assert.Equal(0, doctor.ExitCode);
        Assert.Contains("cpu: NVIDIA_VISIBLE_DEVICES=all asks for GPUs, and none is visible here", doctor.Output, StringComparison.Ordinal);
        // Refused after the devices are known and before anything is written.
        folder.Write("configs/studies/small.yaml", WorkFolder.Study.Replace("threads: 2", "threads: 1024", StringComparison.Ordinal));
        var run = await Trainharness.Run(folder.Path, environment, ["study", "run", "small", "--parallel", "64"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("Trials run on the CPU: NVIDIA_VISIBLE_DEVICES=all asks for GPUs", run.Error, StringComparison.Ordinal);
        var asked = await Trainharness.Run(folder.Path, environment, ["study", "run", "small", "--device", "cpu", "--parallel", "64"]);
        Assert.DoesNotContain("NVIDIA", asked.Error, StringComparison.Ordinal);
    }

    private string Found(TorchLibraryDescription library, params (string Name, string Value)[] variables) =>
        Signs(variables).WhyNone(library)!.Value.Found;

    private GpuSigns Signs(params (string Name, string Value)[] variables) =>
        GpuSigns.Of(folder.Path, name => variables.FirstOrDefault(pair => pair.Name == name).Value, hasWindowsDriver: false);
}
