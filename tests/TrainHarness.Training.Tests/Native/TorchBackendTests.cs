using System.Text.Json;

namespace TrainHarness.Training.Tests.Native;

public class TorchBackendTests
{
    private static readonly string Project = Path.Combine(
        Repository.Folder,
        "src",
        "TrainHarness.Training",
        "TrainHarness.Training.csproj"
    );

    [Trait("Lane", "long")]
    [Theory]
    [InlineData("cpu", "TorchSharp-cpu")]
    [InlineData("cuda-linux", "TorchSharp-cuda-linux")]
    [InlineData("cuda-windows", "TorchSharp-cuda-windows")]
    [InlineData("none", null)]
    public async Task A_backend_brings_its_own_native_package_and_no_other(string backend, string? package)
    {
        var evaluation = await DotnetProcess.Run(["msbuild", Project, "-getItem:PackageReference", $"-p:TorchBackend={backend}"]);

        Assert.True(evaluation.ExitCode == 0, evaluation.Output);
        string[] expected = package is null ? ["TorchSharp"] : ["TorchSharp", package];
        Assert.Equal(expected, PackagesOf(evaluation).Where(name => name.StartsWith("TorchSharp", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Restore")]
    [InlineData("Build")]
    public async Task A_backend_that_does_not_exist_is_refused_with_the_list(string target)
    {
        var build = await DotnetProcess.Run(["msbuild", Project, $"-t:{target}", "-p:TorchBackend=rocm"]);

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("TorchBackend is 'rocm'; allowed: cpu, cuda-linux, cuda-windows, none.", build.Output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> PackagesOf(DotnetProcess evaluation)
    {
        using var document = JsonDocument.Parse(evaluation.Output);
        return
        [
            .. document
                .RootElement.GetProperty("Items")
                .GetProperty("PackageReference")
                .EnumerateArray()
                .Select(item => item.GetProperty("Identity").GetString()!),
        ];
    }
}
