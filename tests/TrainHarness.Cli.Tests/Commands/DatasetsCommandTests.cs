using System.Text.Json;

namespace TrainHarness.Cli.Tests.Commands;

public sealed class DatasetsCommandTests : IDisposable
{
    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_dataset_is_prepared_once_verified_and_found_damaged()
    {
        var prepared = await Trainharness.Run(folder.Path, "datasets", "prepare", "shapes", "--pack-size", "32", "--json");
        Assert.True(prepared.ExitCode == 0, prepared.Error);
        var answer = JsonDocument.Parse(prepared.Output).RootElement;
        Assert.Equal(
            (3, 120, 30),
            (
                answer.GetProperty("classes").GetInt32(),
                answer.GetProperty("trainExamples").GetInt32(),
                answer.GetProperty("validationExamples").GetInt32()
            )
        );
        var pack = answer.GetProperty("pack").GetString()!;

        // What the study reads is this very pack.
        var forStudy = await Trainharness.Run(
            folder.Path,
            "datasets",
            "prepare",
            "shapes",
            "--study",
            "configs/studies/small.yaml",
            "--json"
        );
        Assert.Equal(pack, JsonDocument.Parse(forStudy.Output).RootElement.GetProperty("pack").GetString());
        var whole = await Trainharness.Run(folder.Path, "datasets", "verify", "shapes");
        Assert.Equal((0, $"whole    {pack}"), (whole.ExitCode, whole.Output.Trim()));

        var bytes = File.ReadAllBytes(pack);
        bytes[^1] ^= 1;
        File.WriteAllBytes(pack, bytes);
        var damaged = await Trainharness.Run(folder.Path, "datasets", "verify", "shapes");
        Assert.Equal(1, damaged.ExitCode);
        Assert.Equal($"damaged  {pack}: its content is not what its checksum says", damaged.Output.Trim());
    }

    [Fact]
    public async Task The_lists_name_what_the_configuration_holds()
    {
        var datasets = await Trainharness.Run(folder.Path, "datasets", "--json");
        var names = JsonDocument
            .Parse(datasets.Output)
            .RootElement.EnumerateArray()
            .Select(row => row.GetProperty("name").GetString())
            .ToList();
        foreach (var name in (string[])["shapes", "imagenet", "imagenet-100", "imagenette", "imagewoof", "tiny-imagenet"])
            Assert.Contains(name, names);
        var recipes = await Trainharness.Run(folder.Path, "recipes", "--json");
        var rows = JsonDocument
            .Parse(recipes.Output)
            .RootElement.EnumerateArray()
            .ToDictionary(row => row.GetProperty("name").GetString()!);
        var small = rows["small"];
        Assert.Equal(
            (2, 16, "cosine"),
            (small.GetProperty("epochs").GetInt32(), small.GetProperty("batchSize").GetInt32(), small.GetProperty("schedule").GetString())
        );
        Assert.Equal(
            ("rmsprop", "×0.97 every 2.4 epochs"),
            (rows["efficientnet"].GetProperty("optimizer").GetString(), rows["efficientnet"].GetProperty("schedule").GetString())
        );
        Assert.Equal(
            ["label smoothing", "average", "drop-path"],
            rows["efficientnet"].GetProperty("extras").EnumerateArray().Select(extra => extra.GetString())
        );
    }

    [Theory]
    [InlineData("prepare picture", "unknown dataset 'picture'; did you mean pictures? allowed: pictures, ")]
    [InlineData("prepare pictures", "pictures: nothing says where the dataset lies; allowed: a path in its description or --data PATH")]
    [InlineData("prepare pictures --study configs/studies/small.yaml", "--study: configs/studies/small.yaml reads shapes, not pictures")]
    [InlineData("prepare shapes --study configs/studies/small.yaml --pack-size 8", "allowed: --study or --pack-size")]
    [InlineData("prepare shapes --pack-size 0", "a side of 0 pixels; allowed: 1 to 4096")]
    public async Task Bad_usage_is_one_line_and_exit_2(string arguments, string expected)
    {
        var run = await Trainharness.Run(folder.Path, ["datasets", .. arguments.Split(' ')]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_finds_this_machine_fit_and_a_missing_libtorch_broken()
    {
        var fit = await Trainharness.Run(folder.Path, "doctor", "--json");
        Assert.True(fit.ExitCode == 0, fit.Output);
        var findings = JsonDocument
            .Parse(fit.Output)
            .RootElement.EnumerateArray()
            .ToDictionary(row => row.GetProperty("what").GetString()!, row => row.GetProperty("health").GetString());
        Assert.Equal("good", findings["libtorch"]);
        Assert.Contains("data: shapes", findings.Keys);
        Assert.False(Directory.Exists(folder["results"]));

        var broken = await Trainharness.Run(folder.Path, [("TRAINHARNESS_LIBTORCH", folder["nowhere"])], ["doctor"]);
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("broken   libtorch", broken.Output, StringComparison.Ordinal);
        Assert.Contains("To do: build with -p:TorchBackend=", broken.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nStudies run here: no, because of what is broken: libtorch.", broken.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cache_that_another_user_fills_is_enough_for_its_datasets_and_the_doctor_says_that_it_is_read_only()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/setpriv") || Environment.UserName != "root")
        {
            Assert.Skip("only root can become another user");
            return;
        }

        var prepared = await Trainharness.Run(folder.Path, "datasets", "prepare", "shapes", "--pack-size", "32");
        Assert.True(prepared.ExitCode == 0, prepared.Error);
        // What libtorch needs of the cache on older systems.
        Assert.Equal(0, (await Trainharness.Run(folder.Path, "doctor")).ExitCode);
        foreach (var place in (string[])[folder.Path, folder["cache"], folder["cache/datasets"]])
            File.SetUnixFileMode(
                place,
                UnixFileMode.UserRead
                    | UnixFileMode.UserWrite
                    | UnixFileMode.UserExecute
                    | UnixFileMode.OtherRead
                    | UnixFileMode.OtherExecute
            );
        Assert.SkipUnless((await AsAnother("--version")).ExitCode == 0, "the program lies where another user cannot read it");
        Directory.CreateDirectory(folder["results"]);
        File.SetUnixFileMode(folder["results"], (UnixFileMode)0b111_111_111);

        var doctor = await AsAnother("doctor");
        Assert.True(doctor.ExitCode == 0, doctor.Output);
        Assert.Contains(
            "read-only: studies on its 1 packed dataset run, and no other dataset can be packed",
            doctor.Output,
            StringComparison.Ordinal
        );
        var other = await AsAnother("datasets prepare shapes --pack-size 16");
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("named in TRAINHARNESS_CACHE.", Assert.Single(other.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(0, (await AsAnother("datasets prepare shapes --pack-size 32")).ExitCode);

        Task<Trainharness> AsAnother(string arguments) =>
            Trainharness.Run(
                folder.Path,
                "/usr/bin/setpriv",
                [("HOME", "/")],
                ["--reuid", "12345", "--regid", "12345", "--clear-groups", Trainharness.Program, .. arguments.Split(' ')]
            );
    }
}
