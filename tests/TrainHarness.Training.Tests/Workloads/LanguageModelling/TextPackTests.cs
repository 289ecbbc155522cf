using TrainHarness.Files;
using TrainHarness.Training.Workloads.LanguageModelling;
using TrainHarness.Training.Workloads.LanguageModelling.Data;

namespace TrainHarness.Training.Tests.Workloads.LanguageModelling;

public sealed class TextPackTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Characters_are_numbered_in_their_order_and_one_outside_the_basic_plane_is_one()
    {
        var pack = new Characters().Pack("cab\n😀a", "bé\n");
        Assert.Equal(["\n", "a", "b", "c", "é", "😀"], pack.Vocabulary);
        Assert.Equal((ushort[])[3, 1, 2, 0, 5, 1], pack.Training);
        Assert.Equal((ushort[])[2, 4, 0], pack.Validation);
        // b, é of two bytes, and the end of the line.
        Assert.Equal(4 / 3.0, pack.BytesPerUnit);
    }

    [Fact]
    public void Subwords_end_every_line_and_are_learned_from_the_training_text()
    {
        var pack = new Subwords(2).Pack("aab aab\naab\n", "aab b\n");
        // The begin, the end and the like come first; "a" + "a" and "aa" + "b" are joined.
        var end = pack.Vocabulary.Index().Single(unit => unit.Item == "</s>").Index;
        var word = pack.Vocabulary.Index().Single(unit => unit.Item == "aab</w>").Index;
        Assert.Equal([word, word, end, word, end], pack.Training.Select(unit => (int)unit));
        Assert.Equal((word, end, 3), (pack.Validation[0], pack.Validation[^1], pack.Validation.Length));
    }

    [Fact]
    public void Another_text_has_another_checksum()
    {
        var one = new Characters().Pack("abc", "ab");
        Assert.Equal(one.Sha256, new Characters().Pack("abc", "ab").Sha256);
        Assert.Equal(
            3,
            ((string[])[one.Sha256, new Characters().Pack("abca", "b").Sha256, new Characters().Pack("abd", "ab").Sha256])
                .Distinct()
                .Count()
        );
    }

    [Fact]
    public void A_file_of_windows_is_read_as_one_of_unix_and_what_is_no_text_is_named()
    {
        var file = Path.Combine(folder.Path, "text.txt");
        File.WriteAllText(file, "one\r\ntwo");
        Assert.Equal("one\ntwo\n", new TextFile("mine", file).Read(null));
        File.WriteAllBytes(file, [(byte)'a', (byte)'\n', 0xff]);
        Assert.StartsWith(
            $"{file}:2:1: ",
            Assert.Throws<ConfigurationException>(() => new TextFile("mine", null).Read(file)).Message,
            StringComparison.Ordinal
        );
        File.WriteAllText(file, "");
        Assert.Equal(
            $"{file}: the file is empty; allowed: a text.",
            Assert.Throws<ConfigurationException>(() => new TextFile("mine", file).Read(null)).Message
        );
        Assert.StartsWith(
            "mine: nobody says where it lies",
            Assert.Throws<ConfigurationException>(() => new TextFile("mine", null).Read(null)).Message,
            StringComparison.Ordinal
        );
    }

    // By hand: 11 units are two windows of five, each with one unit more behind it; ten are one.
    [Theory]
    [InlineData(11, null, 0, 5)]
    [InlineData(10, null, 0)]
    [InlineData(5, null)]
    [InlineData(101, 4, 0, 25, 50, 75)]
    [InlineData(101, 40, 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95)]
    public void Validation_windows_lie_side_by_side_or_are_spread_evenly(int units, int? wanted, params int[] places)
    {
        var settings = new LanguageSettings
        {
            Text = new GeneratedText(1, 1),
            Units = new Characters(),
            ValidationPart = 0.1,
            Context = 5,
            ValidationWindows = wanted,
        };
        Assert.Equal(places, LanguageEvaluator.PlacesOf(units, settings));
    }

    [Fact]
    public void A_generated_text_has_a_sentence_on_each_line_and_follows_from_its_seed()
    {
        var text = new GeneratedText(1, 3).Read(null);
        Assert.Equal(3, text.Count('\n'));
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.EndsWith(" .", line, StringComparison.Ordinal));
        Assert.NotEqual(text, new GeneratedText(2, 3).Read(null));
        Assert.Equal(text, new GeneratedText(1, 3).Read(null));
    }
}
