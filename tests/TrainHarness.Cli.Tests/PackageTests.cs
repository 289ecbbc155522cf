using System.Globalization;

namespace TrainHarness.Cli.Tests;

/// <summary>
/// The packages as somebody else takes them: packed, put into a feed of their own, and used by a project that knows nothing of this
/// repository.
/// </summary>
[Trait("Lane", "long")]
public sealed class PackageTests : IClassFixture<PackageTests.PackedFeed>, IDisposable
{
    // As docs/library.md has it.
    private const string Program = """
        using TrainHarness.Protocol;
        using TrainHarness.Training;

        var record = await Trial.Run("small", "squeezenet1_1.small/seed-1");
        Console.WriteLine($"{record.Outcome} after {record.Ledger.Training} multiply-adds");
        """;

    private readonly WorkFolder folder = new();

    public PackageTests(PackedFeed feed)
    {
        folder.Write("configs/studies/small.yaml", WorkFolder.QuickStudy);
        folder.Write(
            "nuget.config",
            $"""
            <configuration><packageSources><add key="packed" value="{feed.Path}" /></packageSources></configuration>
            """
        );
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_program_of_five_lines_trains_and_leaves_a_record()
    {
        folder.Write("Consumer/Program.cs", Program);
        folder.Write(
            "Consumer/Consumer.csproj",
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="TrainHarness.Training" Version="{PackedFeed.Version}" /></ItemGroup>
            </Project>
            """
        );
        await Dotnet(folder, "build", folder["Consumer"], "-c", "Release", "--nodeReuse:false");

        var built = folder["Consumer/bin/Release/net10.0"];
        // No system's files but this one's, though the project names none.
        Assert.Single(Directory.GetDirectories(Path.Combine(built, "runtimes")));
        Assert.True(File.Exists(Path.Combine(built, "configs/recipes/sgd-smooth3.yaml")));
        Assert.True(File.Exists(Path.Combine(built, "configs/schemas/study.schema.json")));

        var run = await Trainharness.Run(
            folder.Path,
            Path.Combine(built, OperatingSystem.IsWindows() ? "Consumer.exe" : "Consumer"),
            [],
            []
        );
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Matches(@"^Completed after \d+ multiply-adds$", run.Output.Trim());
        // The same study goes on by the program, which finds the trial done, and reports both.
        var study = await Trainharness.Run(folder.Path, "study", "run", "small", "--device", "cpu");
        Assert.True(study.ExitCode == 0, study.Error);
        var status = await Trainharness.Run(folder.Path, "study", "status", "small");
        Assert.Equal(2, status.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain("pending", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tool_installs_and_runs()
    {
        await Dotnet(folder, "tool", "install", "TrainHarness.Tool", "--version", PackedFeed.Version, "--tool-path", folder["tool"]);
        var tool = Path.Combine(folder["tool"], OperatingSystem.IsWindows() ? "trainharness.exe" : "trainharness");
        var run = await Trainharness.Run(folder.Path, tool, [], ["flops", "resnet18", "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("\"forwardMacs\": 1814073344", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "quickstart",
            (await Trainharness.Run(folder.Path, tool, [], ["study", "plan", "quickstar"])).Error,
            StringComparison.Ordinal
        );
    }

    private static async Task Dotnet(WorkFolder folder, params string[] arguments)
    {
        var run = await Trainharness.Run(folder.Path, "dotnet", [], arguments);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
    }

    /// <summary>All packages, from one build.</summary>
    public sealed class PackedFeed : IAsyncLifetime
    {
        private readonly WorkFolder folder = new();

        /// <summary>A version of its own: packages that were restored before are kept by their version.</summary>
        public static string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.0.1-test{DateTime.UtcNow.Ticks}");

        public string Path => folder["feed"];

        public async ValueTask InitializeAsync()
        {
            foreach (var project in (string[])["TrainHarness", "TrainHarness.Training", "TrainHarness.Cli"])
                await Dotnet(
                    folder,
                    "pack",
                    System.IO.Path.Combine(Trainharness.Repository, "src", project),
                    "-c",
                    "Release",
                    "-m:1",
                    "--nodeReuse:false",
                    $"-p:Version={Version}",
                    "-o",
                    Path,
                    "--artifacts-path",
                    folder["artifacts"]
                );
        }

        public ValueTask DisposeAsync()
        {
            var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            foreach (
                var restored in Directory
                    .EnumerateDirectories(packages, "trainharness*")
                    .Select(package => System.IO.Path.Combine(package, Version))
                    .Where(Directory.Exists)
            )
                Directory.Delete(restored, recursive: true);
            folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
