using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads;

namespace TrainHarness.Training.Tests.Workloads;

/// <summary>What the record of a trial says of its data, where its entry sees a part.</summary>
public sealed class DataPartTests : IDisposable
{
    private readonly TemporaryFolder cache = new();

    public void Dispose() => cache.Dispose();

    // A tenth of the text validates; a window is 64 characters.
    [Fact]
    public void A_quarter_of_a_text_has_a_quarter_of_its_windows() => AssertQuarter("language-quickstart");

    [Fact]
    public void A_quarter_of_the_pairs_is_a_quarter() => AssertQuarter("translation-quickstart");

    [Theory]
    [InlineData("language-quickstart", "data-0.0001", "allowed: fewer than that in a window")]
    [InlineData("translation-quickstart", "data-0.0001", "a part of 0.0001 leaves none of 8000 training pairs")]
    public void A_part_that_leaves_nothing_is_refused(string study, string variant, string expected)
    {
        using var data = Prepared(study, out var read);
        var seen = read.Settings.SeenBy(EntryVariant.Parse(variant)!);
        Assert.Contains(expected, Assert.Throws<ConfigurationException>(() => data.RecordOf(seen)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("language-quickstart", "size-32")]
    [InlineData("translation-quickstart", "width-0.5")]
    [InlineData("hex-4x4-quickstart", "data-0.5")]
    public void What_a_workload_does_not_have_is_refused(string study, string variant)
    {
        var read = Read(study);
        Assert.Contains(
            "allowed: lr-NUMBER",
            Assert.Throws<ConfigurationException>(() => read.Settings.SeenBy(EntryVariant.Parse(variant)!)).Message,
            StringComparison.Ordinal
        );
    }

    private void AssertQuarter(string study)
    {
        using var data = Prepared(study, out var read);
        var (whole, quarter) = (data.Record, data.RecordOf(read.Settings.SeenBy(EntryVariant.Parse("data-0.25")!)));
        Assert.InRange(quarter.TrainExamples, (whole.TrainExamples / 4) - 1, (whole.TrainExamples / 4) + 1);
        Assert.Equal(whole with { TrainExamples = quarter.TrainExamples }, quarter);
    }

    private IPreparedData Prepared(string name, out Study study)
    {
        study = Read(name);
        return WorkloadCatalog
            .Shipped.Of(study)
            .Data(study, path: null, cache.Path)
            .Prepare(verify: false, progress: null, TestContext.Current.CancellationToken);
    }

    private static Study Read(string name) =>
        StudyReader.Read(Path.Combine(Repository.Folder, "configs", "studies", name + ".yaml"), WorkloadCatalog.Shipped.Vocabularies);
}
