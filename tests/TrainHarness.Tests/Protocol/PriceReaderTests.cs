using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Tests.Protocol;

public sealed class PriceReaderTests
{
    [Fact]
    public void A_price_has_a_device_a_day_and_a_source()
    {
        var prices = Read("[ { device: Tesla T4, dollarsPerHour: 0.526, date: 2019-09-20, source: AWS } ]");
        Assert.Equal(new DevicePrice("Tesla T4", 0.526, new DateOnly(2019, 9, 20), "AWS"), prices.Find("tesla t4"));
        Assert.Null(prices.Find("Tesla T40"));
        Assert.Null(prices.Find(null));
    }

    [Theory]
    [InlineData("[ { device: a, dollarsPerHour: 0, date: 2019-09-20, source: s } ]", "prices.yaml:1:32: 'dollarsPerHour' is '0'")]
    [InlineData(
        "[ { device: a, dollarsPerHour: 1, date: 1/10/2015, source: s } ]",
        "'date' is '1/10/2015'; allowed: a day as YEAR-MONTH-DAY"
    )]
    [InlineData("[ { device: a, dollarsPerHour: 1, date: 2019-09-20 } ]", "lacks the key 'source'")]
    [InlineData("[ { device: a, dollarsPerHour: 1, date: 2019-09-20, source: s, currency: EUR } ]", "unknown key 'currency'")]
    [InlineData(
        "[ { device: a, dollarsPerHour: 1, date: 2019-09-20, source: s }, { device: A, dollarsPerHour: 2, date: 2019-09-20, source: s } ]",
        "duplicate device 'A'"
    )]
    public void A_price_that_was_not_understood_is_refused(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<ConfigurationException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Prices_of_a_study_are_written_with_it_and_are_no_part_of_what_a_trial_measures()
    {
        var priced = Samples.Study with { Prices = Read("[ { device: a, dollarsPerHour: 1.5, date: 2026-11-01, source: a contract } ]") };
        Assert.Equal(TrialFingerprint.Of(Samples.Study, Samples.Study.Baseline), TrialFingerprint.Of(priced, priced.Baseline));
        Assert.DoesNotContain("prices", StudyWriter.ToYaml(Samples.Study), StringComparison.Ordinal);
        var folder = Directory.CreateTempSubdirectory("trainharness-");
        try
        {
            var file = Path.Combine(folder.FullName, "study.yaml");
            File.WriteAllText(file, StudyWriter.ToYaml(priced));
            Assert.Equal(priced.Prices.Devices, StudyReader.ReadResolved(file).Prices!.Devices);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static PriceList Read(string text) => PriceReader.Read(ConfigurationNode.Parse("prices.yaml", text));
}
