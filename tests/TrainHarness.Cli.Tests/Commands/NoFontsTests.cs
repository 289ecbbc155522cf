namespace TrainHarness.Cli.Tests.Commands;

/// <summary>Figures on a machine with no fonts: the program runs where every folder of fonts is empty.</summary>
public sealed class NoFontsTests : IDisposable
{
    // In a name space of its own, where nobody else sees the empty folders.
    private const string Hidden = """
        for fonts in /usr/share/fonts /usr/local/share/fonts "$HOME/.fonts" "$HOME/.local/share/fonts"; do
          if [ -d "$fonts" ]; then mount -t tmpfs none "$fonts" || exit 99; fi
        done
        exec "$@"
        """;

    private readonly WorkFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Trait("Lane", "long")]
    [Fact]
    public async Task Figures_are_the_same_to_the_last_byte()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have no fonts to hide.");
        Assert.SkipWhen(
            (await WithoutFonts("true")).ExitCode != 0,
            "Name spaces of one's own are not allowed here (unshare --user --mount)."
        );
        new SyntheticStudy(6, 3, 40).WriteTo(folder["results/synthetic"]);
        Assert.Equal(0, (await Trainharness.Run(folder.Path, "report", "results/synthetic")).ExitCode);
        var figures = Figures();
        Assert.Equal(18, figures.Count);
        Directory.Delete(folder["results/synthetic/figures"], recursive: true);
        var doctor = await WithoutFonts(Trainharness.Program, "doctor");
        Assert.Contains("figures bring their own: Inter", doctor.Output, StringComparison.Ordinal);
        var run = await WithoutFonts(Trainharness.Program, "report", "results/synthetic");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(figures, Figures());
    }

    private Task<Trainharness> WithoutFonts(params string[] command) =>
        Trainharness.Run(folder.Path, "unshare", [], ["--user", "--map-root-user", "--mount", "sh", "-c", Hidden, "sh", .. command]);

    private Dictionary<string, string> Figures() =>
        Directory
            .EnumerateFiles(folder["results/synthetic/figures"])
            .ToDictionary(
                file => Path.GetFileName(file),
                file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))
            );
}
