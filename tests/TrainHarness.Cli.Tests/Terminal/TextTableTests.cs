using CsCheck;
using TrainHarness.Cli.Terminal;

namespace TrainHarness.Cli.Tests.Terminal;

public sealed class TextTableTests
{
    private static readonly Gen<string> Word = Gen.String[Gen.Char["abcdefgh0123456789_.-/×%"], 1, 30];
    private static readonly Gen<string> Cell = Word.Array[0, 6].Select(words => string.Join(' ', words));

    [Fact]
    public void No_table_breaks_a_word_at_any_width_and_one_that_is_a_table_is_no_wider_than_asked() =>
        Gen.Select(Gen.Bool.Array[1, 8], Cell.Array[8].Array[0, 5], Gen.Int[1, 250])
            .Sample(
                (kinds, rows, width) =>
                {
                    var table = new TextTable([.. kinds.Select((isNumber, index) => new Column($"column {index}", isNumber))]);
                    foreach (var row in rows)
                        table.Add(row[..kinds.Length]);
                    var lines = table.Lines(width);
                    string[] words = [.. lines.SelectMany(line => line.Split(' '))];
                    var cells = rows.SelectMany(row => row[..kinds.Length]);
                    Assert.All(cells.SelectMany(cell => cell.Split(' ')).Where(word => word.Length > 0), word =>
                        Assert.Contains(word, words)
                    );
                    if (table.Fits(width))
                        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
                }
            );

    [Fact]
    public void A_row_is_one_line_where_there_is_no_width()
    {
        var table = new TextTable(new("name"), Column.Number("count"), new("why"));
        table.Add("a.b/seed-1", "118013952", string.Join(' ', Enumerable.Repeat("because", 100)));
        var row = Assert.Single(table.Lines(null), line => line.Contains("118013952", StringComparison.Ordinal));
        Assert.EndsWith("because because", row, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_beside_each_other_is_listed()
    {
        var table = new TextTable(new("layer"), new("operation"), Column.Number("forward"));
        table.Add("features.0", "11×11, stride 4", "70276800");
        Assert.Equal(["", "features.0", "  operation  11×11, stride 4", "  forward    70276800", ""], table.Lines(30));
        Assert.Equal(["", "features.0", "  operation: 11×11,", "    stride 4", "  forward    70276800", ""], table.Lines(22));
    }

    [Theory]
    [InlineData("a 118013952 b", 5, "a|118013952|b")]
    [InlineData("good   libtorch   in place", 20, "good   libtorch   in|  place")]
    [InlineData("  indented words here", 14, "  indented|    words here")]
    [InlineData("0123456789", 4, "0123456789")]
    [InlineData("fits exactly", 12, "fits exactly")]
    public void A_line_is_wrapped_between_words_and_goes_on_indented(string line, int width, string expected) =>
        Assert.Equal(expected.Split('|'), Words.Wrapped(line, width));

    [Fact]
    public void A_name_that_is_too_long_keeps_both_its_ends() =>
        Assert.Equal("shufflenet….r/seed-12", Words.Shortened("shufflenet_v2_x1_0.r/seed-12", 21));
}
