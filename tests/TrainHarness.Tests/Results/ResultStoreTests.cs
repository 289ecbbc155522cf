using System.Globalization;
using System.Text.Json;
using NJsonSchema;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Results;

namespace TrainHarness.Tests.Results;

public sealed class ResultStoreTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_trial_reads_back_as_it_was_written_also_where_the_comma_is_decimal()
    {
        var (store, written) = Written();
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = Comma();
            var read = store.Read(written.Record.Id)!;
            Assert.Equal(
                ResultsJson.Write(written.Record with { EvaluationsSha256 = "" }),
                ResultsJson.Write(read.Record with { EvaluationsSha256 = "" })
            );
            Assert.Equal(
                EvaluationTable.ToCsv(written.Evaluations, ["top1", "top5"]),
                EvaluationTable.ToCsv(read.Evaluations, ["top1", "top5"])
            );
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Counts_keep_all_their_digits_in_JSON()
    {
        var (store, _) = Written(
            ledger: new ComputeLedger(
                new Macs(UInt128.Parse("123456789012345678901234567890", CultureInfo.InvariantCulture)),
                new Macs(300_000),
                new Macs(300_000),
                new Macs(7)
            )
        );
        var text = File.ReadAllText(RecordFile(store));
        Assert.Contains("\"forward\": 123456789012345678901234567890,", text, StringComparison.Ordinal);
        Assert.Equal("123456789012345678901234567890", store.Read("alexnet.sgd-step6/seed-1")!.Record.Ledger.Forward.ToString());
    }

    [Fact]
    public async Task A_record_follows_the_shipped_schema_and_a_changed_one_does_not()
    {
        var (store, _) = Written();
        using var stream = typeof(TrialRecord).Assembly.GetManifestResourceStream("TrainHarness.Results.record.schema.json")!;
        var schema = await JsonSchema.FromJsonAsync(stream, TestContext.Current.CancellationToken);
        var record = File.ReadAllText(RecordFile(store));
        Assert.Empty(schema.Validate(record));
        Assert.NotEmpty(schema.Validate(record.Replace("\"outcome\": \"completed\"", "\"outcome\": \"won\"", StringComparison.Ordinal)));
        Assert.NotEmpty(schema.Validate(record.Replace("\"seed\": 1", "\"seed\": \"one\"", StringComparison.Ordinal)));
        Assert.NotEmpty(schema.Validate(record.Replace("\"joules\": null,", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Counts_of_what_was_not_read_stand_in_a_record_and_one_without_them_is_read()
    {
        var (store, written) = Written();
        using var stream = typeof(TrialRecord).Assembly.GetManifestResourceStream("TrainHarness.Results.record.schema.json")!;
        var schema = await JsonSchema.FromJsonAsync(stream, TestContext.Current.CancellationToken);
        var text = File.ReadAllText(RecordFile(store));
        Assert.DoesNotContain("passedOver", text, StringComparison.Ordinal);
        Assert.Null(store.Read(written.Record.Id)!.Record.Dataset.PassedOver);

        var counted = text.Replace(
            "\"packSha256\": ",
            "\"passedOver\": { \"TIFF (not read)\": 2, \"hidden\": 1 }, \"packSha256\": ",
            StringComparison.Ordinal
        );
        File.WriteAllText(RecordFile(store), counted);

        Assert.Empty(schema.Validate(counted));
        Assert.Equal(2, store.Read(written.Record.Id)!.Record.Dataset.PassedOver!["TIFF (not read)"]);
        Assert.NotEmpty(schema.Validate(counted.Replace("\"hidden\": 1", "\"hidden\": \"one\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_was_tested_at_the_end_stands_in_a_record_and_is_checked()
    {
        var (store, written) = Written();
        using var stream = typeof(TrialRecord).Assembly.GetManifestResourceStream("TrainHarness.Results.record.schema.json")!;
        var schema = await JsonSchema.FromJsonAsync(stream, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("\"test\"", File.ReadAllText(RecordFile(store)), StringComparison.Ordinal);
        var test = new TestRecord(7, written.Record.Metric, 0.25, new Macs(1234), ["one line"]);
        store.Write(written.Record with { Test = test }, written.Evaluations);

        Assert.Empty(schema.Validate(File.ReadAllText(RecordFile(store))));
        Assert.Equal(ResultsJson.Write(test), ResultsJson.Write(store.Read(written.Record.Id)!.Record.Test));
        foreach (
            var impossible in (TestRecord[])[test with { Examples = 0 }, test with { Value = 2 }, test with { Outputs = ["a\u001b[2J"] }]
        )
        {
            store.Write(written.Record with { Test = impossible }, written.Evaluations);
            Assert.Contains(
                "'test",
                Assert.Throws<ConfigurationException>(() => store.Read(written.Record.Id)).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData(
        "\"trainingSeconds\": ",
        "\"trainingSeconds\": -1, \"was\": ",
        "'clocks.trainingSeconds' is -1; allowed: a finite number of at least 0."
    )]
    [InlineData(
        "\"trainingSeconds\": ",
        "\"trainingSeconds\": 1e999, \"was\": ",
        "'clocks.trainingSeconds' is Infinity; allowed: a finite number of at least 0."
    )]
    [InlineData("\"trainingSeconds\": ", "\"trainingSeconds\": NaN, \"was\": ", "invalid")]
    [InlineData("\"trainingSeconds\": ", "\"trainingSeconds\": \"NaN\", \"was\": ", "could not be converted")]
    [InlineData("\"examples\": ", "\"examples\": -5, \"was\": ", "'examples' is -5")]
    [InlineData("\"joules\": null", "\"joules\": -2", "'joules' is -2")]
    [InlineData("\"forward\": ", "\"forward\": -7, \"was\": ", "record.json:")]
    [InlineData("\"forward\": ", "\"forward\": 1e30, \"was\": ", "record.json:")]
    [InlineData(
        "\"forward\": ",
        "\"forward\": 1000000000000000000000000000001, \"was\": ",
        "is more than 1000000000000000000000000000000 multiply-adds."
    )]
    [InlineData(
        "\"validationExamples\": 50",
        "\"validationExamples\": 0",
        "'dataset.validationExamples' is 0; allowed: a finite number of at least 1."
    )]
    [InlineData(
        "\"packSha256\": ",
        "\"passedOver\": { \"hidden\": 0 }, \"packSha256\": ",
        "'dataset.passedOver' has an impossible count, or reason: hidden."
    )]
    [InlineData("\"metric\": \"top1\"", "\"metric\": \"top3\"", "'target.metric' is top3, which is none of its 'metrics'.")]
    [InlineData("\"steps\": ", "\"steps\": 3, \"was\": ", "its last evaluation has more steps")]
    [InlineData("\"threshold\": null", "\"threshold\": 0.5", "'crossing' is not what its evaluations say.")]
    [InlineData("\"threshold\": null", "\"threshold\": 2", "'target.threshold' is 2; allowed: a number from 0 to 1.")]
    [InlineData("\"max\": 1,", "\"max\": 0.55,", "evaluation 2 has a top5 of 0.8; allowed: a number from 0 to 0.55.")]
    [InlineData("\"max\": 1,", "\"max\": 1e999,", "the bounds of top1 are no two rising numbers.")]
    [InlineData("\"min\": 0,", "\"min\": 3,", "the bounds of top1 are no two rising numbers.")]
    [InlineData("\"chance\": 0.1", "\"chance\": 1.1", "chance of top1 is 1.1; allowed: a number from 0 to 1.")]
    [InlineData("\"better\": \"more\"", "\"better\": \"most\"", "record.json:")]
    [InlineData("\"name\": \"top5\"", "\"name\": \"top1\"", "two of its 'metrics' have one name.")]
    [InlineData("\"name\": \"top5\"", "\"name\": \"top9\"", "evaluation 1 has no top9.")]
    [InlineData("\"name\": \"top5\"", "\"name\": \"top,5\"", "a metric has no name, or one with commas")]
    [InlineData("\"metrics\": [", "\"metrics\": [], \"were\": [", "'metrics' is missing, empty or longer than 100.")]
    [InlineData("\"metrics\": [", "\"metrics\": [null], \"were\": [", "'metrics' is missing, empty or longer than 100.")]
    [InlineData("\"protocol\": 2", "\"protocol\": 1", "it has 'metrics', which no record of protocol 1 has.")]
    [InlineData("\"outcome\": \"completed\"", "\"outcome\": \"reached\"", "'outcome' is reached and there is no 'crossing'.")]
    [InlineData("\"outcome\": \"completed\"", "\"outcome\": 42", "could not be converted")]
    [InlineData(
        "\"trainingSeconds\": ",
        "\"trainingSeconds\": 1e300, \"was\": ",
        "'clocks.trainingSeconds' is 1E+300; allowed: at most 10000000000."
    )]
    [InlineData("\"trainingSeconds\": ", "\"trainingSeconds\": 0.1, \"was\": ", "multiply-adds or seconds than the whole trial.")]
    [InlineData(
        "\"published\": \"",
        "\"published\": \"9999-12-31\", \"was\": \"",
        "'architecture.published' is 9999-12-31; allowed: from 1900 to 2200."
    )]
    [InlineData("\"forwardMacs\": ", "\"forwardMacs\": 0, \"was\": ", "'architecture' has no multiply-adds.")]
    [InlineData("\"device\": \"", "\"device\": \"a\\u001b[2J", "a text in it has a control character.")]
    [InlineData(
        "\"crossing\": null",
        "\"crossing\": { \"first\": 0, \"sustained\": 0, \"bracketExamples\": 0, \"examples\": 1, \"trainingMacs\": 1, \"seconds\": 1 }",
        "there is a 'crossing' and 'outcome' is not reached."
    )]
    public void A_number_that_no_trial_can_have_is_refused(string from, string to, string expected)
    {
        var (store, written) = Written();
        var text = File.ReadAllText(RecordFile(store));
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(RecordFile(store), text.Replace(from, to, StringComparison.Ordinal));
        var error = Assert.Throws<ConfigurationException>(() => store.Read(written.Record.Id));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(RecordFile(store) + ":", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void The_schema_names_every_field_of_a_record()
    {
        using var stream = typeof(TrialRecord).Assembly.GetManifestResourceStream("TrainHarness.Results.record.schema.json")!;
        using var schema = JsonDocument.Parse(stream);
        var (store, _) = Written();
        using var record = JsonDocument.Parse(File.ReadAllText(RecordFile(store)));
        var required = schema
            .RootElement.GetProperty("required")
            .EnumerateArray()
            .Select(name => name.GetString())
            .Order(StringComparer.Ordinal);
        Assert.Equal(
            record
                .RootElement.EnumerateObject()
                .Select(property => property.Name)
                .Where(name => name != "metrics")
                .Order(StringComparer.Ordinal),
            required
        );
    }

    [Fact]
    public void A_record_from_before_there_were_other_optimizers_is_of_SGD()
    {
        var (store, trial) = Written();
        var text = File.ReadAllText(RecordFile(store));
        var before = text.Replace(
            """
                  "kind": "sgd",

            """,
            "",
            StringComparison.Ordinal
        );
        Assert.NotEqual(text, before);
        File.WriteAllText(RecordFile(store), before);
        Assert.Equal(trial.Record.Recipe.Optimizer, store.Read(trial.Record.Id)!.Record.Recipe.Optimizer);
    }

    [Theory]
    [InlineData("record.json")]
    [InlineData("evaluations.csv")]
    public void A_pipe_a_device_or_a_folder_in_place_of_a_file_is_one_line_and_neither_waits_nor_takes_memory(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs mkfifo and /dev/zero");
        (string Shell, string Expected)[] others =
        [
            ("mkfifo $0", ""),
            ("ln -s /dev/zero $0", ""),
            ("mkdir $0", "it is a folder"),
            ("ln -s $0 $0", "cannot be read"),
        ];
        foreach (var (shell, expected) in others)
        {
            var (store, written) = Written();
            var file = Path.Combine(store.TrialFolder(written.Record.Id), name);
            using var made = System.Diagnostics.Process.Start("sh", ["-c", $"rm -rf $0 && {shell}", file]);
            made.WaitForExit();
            var error = Assert.Throws<ConfigurationException>(() => store.Read(written.Record.Id));
            Assert.StartsWith(file + ":", error.Message, StringComparison.Ordinal);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
            Directory.Delete(store.TrialFolder(written.Record.Id), recursive: true);
        }
    }

    [Fact]
    public void More_than_a_million_evaluations_are_refused() =>
        Assert.Contains(
            "More than 1000000 lines",
            Assert.Throws<InvalidDataException>(() => EvaluationTable.FromCsv(new string('\n', 1_000_001))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Evaluations_that_were_changed_are_refused()
    {
        var (store, _) = Written();
        var file = Path.Combine(Path.GetDirectoryName(RecordFile(store))!, "evaluations.csv");
        File.WriteAllText(file, File.ReadAllText(file).Replace("0.6", "0.9", StringComparison.Ordinal));
        var error = Assert.Throws<ConfigurationException>(() => store.Read("alexnet.sgd-step6/seed-1"));
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"protocol\": 2", "\"protocol\": 3", "made by protocol 3; this program knows protocols 1 to 2.")]
    [InlineData("\"seed\": 1", "\"seed\": 1.5", "record.json:")]
    [InlineData("\"joules\": null,", "", "joules")]
    [InlineData("\"parameters\": 1234", "\"parameters\": NaN", "record.json:")]
    public void A_record_that_is_not_understood_is_one_line_that_names_the_file(string from, string to, string expected)
    {
        var (store, _) = Written();
        File.WriteAllText(RecordFile(store), File.ReadAllText(RecordFile(store)).Replace(from, to, StringComparison.Ordinal));
        var error = Assert.Throws<ConfigurationException>(() => store.Read("alexnet.sgd-step6/seed-1"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("record.json", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("1,0.5,32,1,1,1,1,1,,NaN,0.5")]
    [InlineData("1,0.5,32,-1,1,1,1,1,,1,0.5")]
    [InlineData("1,0.5,32,1,1,1,1,1,,1,Infinity")]
    [InlineData("1,0.5,32,1,1,1,1,1,,1")]
    public void A_row_with_an_impossible_number_is_refused(string row)
    {
        const string Header = "step,epoch,examples,forwardMacs,gradInputMacs,gradWeightMacs,evaluationMacs,seconds,joules,loss,top1\n";
        Assert.Single(EvaluationTable.FromCsv(Header + "1,0.5,32,1,1,1,1,1,,1,0.5\n"));
        Assert.Throws<InvalidDataException>(() => EvaluationTable.FromCsv(Header + row + "\n"));
    }

    [Theory]
    [InlineData("1,0.5,64,1,1,1,1,2,,1,0.5")]
    [InlineData("2,0.5,31,1,1,1,1,2,,1,0.5")]
    [InlineData("2,0.5,64,0,1,1,1,2,,1,0.5")]
    [InlineData("2,0.5,64,1,1,1,1,0.9,,1,0.5")]
    public void An_evaluation_that_does_not_come_after_the_one_before_it_is_refused(string row)
    {
        var study = Samples.Study;
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2);
        var evaluations = EvaluationTable.FromCsv(
            $"step,epoch,examples,forwardMacs,gradInputMacs,gradWeightMacs,evaluationMacs,seconds,joules,loss,top1\n1,0.5,32,1,1,1,1,1,,1,0.5\n{row}\n"
        );
        var store = new ResultStore(folder);
        store.Write(trial.Record with { Metrics = [Samples.Top1, Samples.Loss] }, evaluations);
        var error = Assert.Throws<ConfigurationException>(() => store.Read(trial.Record.Id));
        Assert.Contains("evaluation 2 does not come after the one before it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_that_stands_twice_is_refused() =>
        Assert.Throws<InvalidDataException>(() =>
            EvaluationTable.FromCsv(
                "step,epoch,examples,forwardMacs,gradInputMacs,gradWeightMacs,evaluationMacs,seconds,joules,loss,top1,top1\n1,0.5,32,1,1,1,1,1,,1,0.5,0.5\n"
            )
        );

    private (ResultStore Store, TrialResult Trial) Written(ComputeLedger? ledger = null)
    {
        var study = Samples.Study;
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2, 0.4, 0.6);
        if (ledger is not null)
            trial = trial with { Record = trial.Record with { Ledger = ledger } };
        var store = new ResultStore(folder);
        store.Write(trial.Record, trial.Evaluations);
        return (store, trial);
    }

    private static string RecordFile(ResultStore store) => Path.Combine(store.TrialFolder("alexnet.sgd-step6/seed-1"), "record.json");

    private static CultureInfo Comma()
    {
        // Built by hand: the program runs without culture data.
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        return culture;
    }
}
