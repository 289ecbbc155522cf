using System.Text;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Results;

namespace TrainHarness.Tests.Results;

/// <summary>Trials of other programs, as files of anybody hold them.</summary>
public sealed class ImportedTableTests : IDisposable
{
    private const string Header = "architecture,recipe,published,seed,dataset,metric,value,examples,trainingMacs,convention,seconds";

    private const string Whole = $"""
        {Header}
        StarNet,adamw,2024-03-29,1,imagenette,top1,0.25,1000,1500000000000,paper,12.5
        StarNet,adamw,2024-03-29,1,imagenette,top1,0.625,2000,3000000000000,paper,25
        StarNet,adamw,2024-03-29,2,imagenette,top1,0.5,1000,1500000000000,paper,13

        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_row_is_an_evaluation_and_a_seed_is_a_trial()
    {
        var trials = Read(Whole);
        Assert.Equal(["StarNet.adamw/seed-1", "StarNet.adamw/seed-2"], trials.Select(trial => trial.Id));
        Assert.Equal(
            [
                new ImportedEvaluation(1000, new Macs(1_500_000_000_000), 12.5, 0.25),
                new ImportedEvaluation(2000, new Macs(3_000_000_000_000), 25, 0.625),
            ],
            trials[0].Evaluations
        );
        Assert.Equal(new DateOnly(2024, 3, 29), trials[0].Published);
        Assert.Equal(new StatedConvention(Convention.Paper, null), trials[0].Convention);
        Assert.Null(trials[0].Signature);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var trial = Read(Whole.Replace("paper", "\"other: \"\"flops\"\" of a profiler, backward too\"", StringComparison.Ordinal))[0];
        File.WriteAllText(folder["again.csv"], ImportedTable.ToCsv(trial));
        var again = Assert.Single(ImportedTable.Read(folder["again.csv"]));
        Assert.Equal("\"flops\" of a profiler, backward too", again.Convention.Other);
        Assert.Equal(trial.Evaluations, again.Evaluations);
        Assert.Equal(trial with { Evaluations = [] }, again with { Evaluations = [] });
    }

    [Fact]
    public void A_file_of_a_spreadsheet_reads_as_well()
    {
        File.WriteAllBytes(folder["excel.csv"], [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Whole.ReplaceLineEndings("\r\n"))]);
        Assert.Equal(2, ImportedTable.Read(folder["excel.csv"]).Count);
    }

    [Theory]
    [InlineData("trainingMacs,", "macs,", ":1: unknown column 'macs'; did you mean trainingMacs? allowed: ")]
    [InlineData(",seconds\n", ",seconds,seconds\n", ":1: the column 'seconds' stands twice; allowed: once.")]
    [InlineData("seed,", "", ":1: the column 'seed' is missing; allowed: ")]
    [InlineData(",12.5", ",12.5,", ":2: 12 cells; allowed: 11, as many as the first line has.")]
    [InlineData(
        "StarNet,adamw,2024-03-29,1,imagenette,top1,0.25",
        "../x,adamw,2024-03-29,1,imagenette,top1,0.25",
        ":2: 'architecture' is '../x'; allowed: up to 100 letters"
    )]
    [InlineData("adamw", "..", ":2: 'recipe' is '..'; allowed: up to 100 letters")]
    [InlineData("2024-03-29", "29.3.2024", ":2: 'published' is '29.3.2024'; allowed: a day as YEAR-MONTH-DAY")]
    [InlineData(",1,imagenette", ",-1,imagenette", ":2: 'seed' is '-1'; allowed: a whole number from 0 to 2147483647.")]
    [InlineData("0.25", "NaN", ":2: 'value' is 'NaN'; allowed: a finite number.")]
    [InlineData("0.25", "25 %", ":2: 'value' is '25 %'; allowed: a finite number.")]
    [InlineData("1000,", "0,", ":2: 'examples' is '0'; allowed: a whole number of at least 1.")]
    [InlineData(
        "1500000000000,",
        "1.5e12,",
        ":2: 'trainingMacs' is '1.5e12'; allowed: a whole number of multiply-adds from 1 to 1e30, with all its digits."
    )]
    [InlineData("1500000000000,", "99999999999999999999999999999999999999,", ":2: 'trainingMacs' is ")]
    [InlineData(
        "paper",
        "forward",
        ":2: 'convention' is 'forward'; allowed: exact (forward and backward as they are), paper or ai-and-compute"
    )]
    [InlineData("paper", "other: ", ":2: 'convention' is 'other:'; allowed: exact ")]
    [InlineData("12.5", "-1", ":2: 'seconds' is '-1'; allowed: a number from 0 to 10000000000, or nothing.")]
    [InlineData("0.625,2000", "0.625,1000", ":3: 'examples' is '1000'; allowed: more than 1000, which the evaluation before has.")]
    [InlineData(
        "3000000000000",
        "1500000000000",
        ":3: 'trainingMacs' is '1500000000000'; allowed: more than 1500000000000, which the evaluation before has."
    )]
    [InlineData(",25\n", ",1\n", ":3: 'seconds' is '1'; allowed: at least 12.5, which the evaluation before has.")]
    [InlineData(",25\n", ",\n", ":3: 'seconds' is ''; allowed: numbers in all rows of a trial, or in none.")]
    [InlineData(
        "imagenette,top1,0.625",
        "imagenet,top1,0.625",
        ":3: 'dataset' is 'imagenet'; allowed: 'imagenette', which this trial has in line 2."
    )]
    [InlineData(
        "imagenette,top1,0.25",
        "\"imagenette\ntop\",top1,0.25",
        ":3: 'dataset' has a control character; allowed: text of one line."
    )]
    [InlineData("imagenette,top1,0.25", "\"imagenette,top1,0.25", "quotes stand where they may not, or are not closed; allowed: ")]
    public void What_cannot_be_is_refused_with_its_line(string what, string by, string problem)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(Replaced(what, by)));
        Assert.StartsWith(folder["trials.csv"] + ":", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_no_table_are_refused()
    {
        Assert.EndsWith("missing.csv: no such file; allowed: a CSV file of trials.", Refusal("missing.csv"), StringComparison.Ordinal);
        File.WriteAllBytes(folder["latin.csv"], [0xE9, 0x0A]);
        Assert.EndsWith("latin.csv: is not UTF-8; allowed: a CSV file in UTF-8.", Refusal("latin.csv"), StringComparison.Ordinal);
        File.WriteAllText(folder["empty.csv"], "");
        Assert.Contains(
            "empty.csv:1: the file is empty; allowed: a first line with the columns architecture, ",
            Refusal("empty.csv"),
            StringComparison.Ordinal
        );
        File.WriteAllText(folder["bare.csv"], Header + "\n");
        Assert.EndsWith(
            "bare.csv:1: there is no evaluation in it; allowed: a row for each.",
            Refusal("bare.csv"),
            StringComparison.Ordinal
        );
        File.WriteAllText(folder["german.csv"], Header.Replace(',', ';') + "\n");
        Assert.EndsWith(" Columns are separated by commas.", Refusal("german.csv"), StringComparison.Ordinal);
        File.WriteAllText(folder["long.csv"], Header + "\n" + new string('x', 100_000) + "\n");
        Assert.EndsWith(":2: a cell is too long; allowed: at most 1000 letters.", Refusal("long.csv"), StringComparison.Ordinal);
        Assert.EndsWith(": cannot be read (it is a folder).", Refusal("."), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_that_is_there_with_other_numbers_is_not_overwritten()
    {
        var store = new ResultStore(folder["study"]);
        var trials = Read(Whole);
        Assert.Equal(2, ImportedTrials.Write(store, trials));
        Assert.Equal(0, ImportedTrials.Write(store, trials));
        Assert.Equal(trials.Select(trial => trial.Id), ImportedTrials.Of(store).Select(trial => trial.Id));
        var other = Read(Whole.Replace("0.625", "0.75", StringComparison.Ordinal));
        var error = Assert.Throws<ConfigurationException>(() => ImportedTrials.Write(store, other));
        Assert.Equal(
            $"{folder["study"]}/imported/StarNet.adamw/seed-1.csv: this trial is imported already, with other numbers; "
                + "allowed: remove that file first.",
            error.Message.Replace('\\', '/')
        );
        Assert.Equal(0.625, ImportedTrials.Of(store)[0].Evaluations[1].Value);
    }

    [Theory]
    [InlineData("2024-03-29,2,", "2024-03-30,2,", "'2024-03-30'")]
    [InlineData("2024-03-29,2,", ",2,", "''")]
    public void Seeds_of_one_network_that_was_published_on_two_days_are_refused_and_nothing_is_written(string from, string to, string day)
    {
        var expected =
            $"StarNet.adamw/seed-2: was published {day} in '', and StarNet.adamw/seed-1 '2024-03-29' in ''; allowed: one 'published' and one "
            + "'paper' for an architecture.";
        var store = new ResultStore(folder["study"]);
        var trials = Read(Whole.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal(expected, Assert.Throws<ConfigurationException>(() => ImportedTrials.Write(store, trials)).Message);
        Assert.Empty(ImportedTrials.Of(store));
        // One that is there already counts as well.
        ImportedTrials.Write(store, [trials[0]]);
        Assert.Equal(expected, Assert.Throws<ConfigurationException>(() => ImportedTrials.Write(store, [trials[1]])).Message);
        Assert.Single(ImportedTrials.Of(store));
    }

    [Fact]
    public void A_folder_holds_a_trial_once()
    {
        File.WriteAllText(folder["a.csv"], Whole);
        Assert.Equal(2, ImportedTrials.ReadFrom(folder.Path).Count);
        File.WriteAllText(folder["b.csv"], Whole);
        var error = Assert.Throws<ConfigurationException>(() => ImportedTrials.ReadFrom(folder.Path));
        Assert.Equal($"{folder["b.csv"]}: the trial StarNet.adamw/seed-1 stands in {folder["a.csv"]} too; allowed: once.", error.Message);
        Directory.CreateDirectory(folder["none"]);
        Assert.StartsWith(
            $"{folder["none"]}: no file here ends in .csv",
            Assert.Throws<ConfigurationException>(() => ImportedTrials.ReadFrom(folder["none"])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_file_under_the_name_of_another_trial_is_refused()
    {
        var store = new ResultStore(folder["study"]);
        ImportedTrials.Write(store, Read(Whole));
        File.Move(folder["study/imported/StarNet.adamw/seed-2.csv"], folder["study/imported/StarNet.adamw/seed-3.csv"]);
        Assert.EndsWith(
            "seed-3.csv: holds 1 trials, the first StarNet.adamw/seed-2; allowed: the one that its name says.",
            Assert.Throws<ConfigurationException>(() => ImportedTrials.Of(store)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    [Trait("Lane", "long")]
    public void A_file_that_was_tampered_with_is_read_or_refused_in_one_line() =>
        Mutations.Sample(Encoding.UTF8.GetBytes(Whole), 2000, bytes =>
        {
            File.WriteAllBytes(folder["trials.csv"], bytes);
            try
            {
                foreach (var trial in ImportedTable.Read(folder["trials.csv"]))
                {
                    Assert.All(trial.Evaluations, evaluation =>
                        Assert.True(double.IsFinite(evaluation.Value) && evaluation.TrainingMacs > Macs.Zero)
                    );
                    Assert.DoesNotContain("..", trial.Id.Split('/'));
                }
            }
            catch (ConfigurationException error)
            {
                Assert.StartsWith(folder["trials.csv"], error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(error.Message, char.IsControl);
            }
        });

    private string Refusal(string name) => Assert.Throws<ConfigurationException>(() => ImportedTable.Read(folder[name])).Message;

    private IReadOnlyList<ImportedTrial> Read(string text)
    {
        File.WriteAllText(folder["trials.csv"], text.ReplaceLineEndings("\n"));
        return ImportedTable.Read(folder["trials.csv"]);
    }

    private static string Replaced(string what, string by)
    {
        var text = Whole.ReplaceLineEndings("\n");
        var place = text.IndexOf(what, StringComparison.Ordinal);
        Assert.True(place >= 0, what);
        return text[..place] + by + text[(place + what.Length)..];
    }
}
