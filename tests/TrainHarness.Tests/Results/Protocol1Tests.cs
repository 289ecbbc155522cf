using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;

namespace TrainHarness.Tests.Results;

/// <summary>What was measured by the first protocol is still reported, and never mixed with what is measured now.</summary>
public sealed class Protocol1Tests : IDisposable
{
    private static readonly string Committed = Path.Combine(Repository.Folder, "results", "protocol-1");

    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(
        "imagenette-96-cpu",
        0.6298089171974522,
        "shufflenet_v2_x1_0.sgd-smooth12.lr-0.1",
        6.785977553275448,
        null,
        null,
        "7705031863440"
    )]
    [InlineData("imagenette-96-cpu", 0.6298089171974522, "resnet18.sgd-smooth12", 1.619916972519857, null, null, "32277069849600")]
    [InlineData("imagenette-96-cpu", 0.6298089171974522, "squeezenet1_1.sgd-smooth12.lr-0.005", 3.693105435583233, null, null, null)]
    [InlineData("imagenette-smoke", 0.422177009155646, "shufflenet_v2_x1_0.sgd-smooth12", 10.178439932682698, null, null, "571589929152")]
    [InlineData("imagenette-smoke", 0.422177009155646, "alexnet.sgd-step12", 0.3693541578725199, null, null, "15751531791360")]
    [InlineData(
        "quickstart-seeds",
        0.7633333333333333,
        "shufflenet_v2_x1_0.sgd-smooth3",
        11.50308986056321,
        8.650399980572342,
        15.296526939490404,
        "43293986102"
    )]
    [InlineData(
        "quickstart-seeds",
        0.7633333333333333,
        "resnet18.sgd-smooth3",
        1.4609594495199174,
        0.8186087529861626,
        2.6073536415968657,
        "340881886020"
    )]
    [InlineData("quickstart-scan", 0.89, "alexnet.sgd-step3.lr-0.002", 1.0, null, null, "1246691520000")]
    public void The_factors_of_a_committed_study_are_those_that_protocol_1_gave(
        string study,
        double threshold,
        string entry,
        double factor,
        double? low,
        double? high,
        string? macs
    )
    {
        var report = StudyReport.Read(new ResultStore(Path.Combine(Committed, study)));
        var summary = report.Analysed.Summary.Entries.Single(row => row.Entry == entry);
        Assert.Equal(
            (ProtocolVersion.First, threshold, "top1", 0.1),
            (
                report.Analysed.Study.Protocol,
                report.Analysed.Summary.Target.Threshold,
                report.Analysed.Summary.Target.Metric.Name,
                report.Analysed.Summary.Target.Metric.Chance
            )
        );
        // To twelve digits: logarithms differ in the last one between machines.
        Assert.Equal(factor, summary.ReductionFactor!.Value, factor * 1e-12);
        Assert.Equal((low is null, high is null), (summary.Low is null, summary.High is null));
        Assert.Equal(low ?? 0, summary.Low ?? 0, 1e-9);
        Assert.Equal(high ?? 0, summary.High ?? 0, 1e-9);
        Assert.Equal(macs, summary.TrainingMacsToTarget?.ToString());
    }

    [Fact]
    public void A_committed_scan_names_the_rates_that_protocol_1_named()
    {
        var scan = ScanReport.TryRead(new ResultStore(Path.Combine(Committed, "imagenette-96-cpu-scan")))!;
        Assert.Equal([0.005, 0.005, 0.1, 0.05, 0.1, null], scan.Summary.Entries.Select(entry => entry.Best));
    }

    [Fact]
    public void A_committed_study_is_written_as_it_stands()
    {
        foreach (var file in Directory.GetFiles(Committed, "study.yaml", SearchOption.AllDirectories))
        {
            // YAML of another version of its writer may break lines elsewhere.
            var (text, again) = (File.ReadAllText(file), StudyWriter.ToYaml(StudyReader.ReadResolved(file)));
            Assert.Equal(text.ReplaceLineEndings("\n"), again.ReplaceLineEndings("\n"));
        }
    }

    [Fact]
    public void A_record_of_protocol_1_beside_those_of_protocol_2_is_refused()
    {
        var study = Copied();
        var measured = StudyReport.Read(new ResultStore(study)).Analysed.Study;
        File.WriteAllText(Path.Combine(study, "study.yaml"), StudyWriter.ToYaml(measured with { Protocol = ProtocolVersion.Current }));
        var error = Assert.Throws<ConfigurationException>(() => StudyReport.Read(new ResultStore(study)));
        Assert.Contains(
            "measured by protocol 1, and the study by protocol 2, which do not compare",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(Path.Combine(study, "alexnet.sgd-step3", "seed-1"), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_folder_of_protocol_1_takes_no_trial_of_protocol_2_not_even_of_other_seeds()
    {
        var study = Copied();
        var store = new ResultStore(study);
        // None of its seeds has run there.
        var now = StudyReport.Read(store).Analysed.Study with { Protocol = ProtocolVersion.Current, Seeds = [77] };
        var before = File.ReadAllText(store.StudyFile);
        Assert.Contains(
            "give the study another name",
            Assert.Throws<ConfigurationException>(new MeasuredStudy(now, store).RequireProtocol).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ConfigurationException>(new MeasuredStudy(now, store).WriteStudy);
        Assert.Equal(before, File.ReadAllText(store.StudyFile));
    }

    [Fact]
    public void A_table_of_protocol_1_has_no_generation_and_one_of_protocol_2_is_read_by_the_names_of_its_columns()
    {
        const string Before = "step,epoch,examples,forwardMacs,gradInputMacs,gradWeightMacs,evaluationMacs,seconds,joules,loss,top1\n";
        Assert.Equal(Macs.Zero, EvaluationTable.FromCsv(Before + "1,0.5,32,10,7,9,3,1,,1,0.5\n")[0].Ledger.Generation);
        var moved = EvaluationTable.FromCsv(
            "elo,loss,generationMacs,step,epoch,examples,forwardMacs,gradInputMacs,gradWeightMacs,evaluationMacs,seconds,joules\n-12.5,2,1000,1,0.5,32,10,7,9,3,1,\n"
        )[0];
        Assert.Equal(
            ("1000", "1026", "3", 2.0, -12.5),
            (
                moved.Ledger.Generation.ToString(),
                moved.Ledger.Training.ToString(),
                moved.Ledger.Evaluation.ToString(),
                moved.Loss,
                moved.ValueOf("elo")
            )
        );
        Assert.Contains(
            "lacks the column 'joules'",
            Assert
                .Throws<InvalidDataException>(() => EvaluationTable.FromCsv(Before.Replace("joules,", "", StringComparison.Ordinal)))
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_record_of_protocol_1_that_says_what_protocol_1_did_not_know_is_refused()
    {
        var store = new ResultStore(Copied());
        var file = Path.Combine(store.TrialFolder("alexnet.sgd-step3/seed-1"), "record.json");
        var text = File.ReadAllText(file);
        (string From, string To, string Expected)[] forgeries =
        [
            (
                "\"forward\": 423404640000,",
                "\"forward\": 423404640000, \"generation\": 5,",
                "'ledger.generation' is not 0, which protocol 1 did not count."
            ),
            ("\"chance\": 0.1", "\"chance\": null", "'target.chance' is missing"),
            ("\"chance\": 0.1", "\"chance\": 1.5", "chance of top1 is 1.5; allowed: a number from 0 to 1."),
            ("\"metric\": \"top1\"", "\"metric\": \"top3\"", "evaluation 1 has no top3."),
        ];
        foreach (var (from, to, expected) in forgeries)
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal));
            Assert.Contains(
                expected,
                Assert.Throws<ConfigurationException>(() => store.Read("alexnet.sgd-step3/seed-1")).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void A_file_that_says_a_later_protocol_is_refused_where_it_says_so()
    {
        var file = Path.Combine(folder, "study.yaml");
        File.WriteAllText(file, StudyWriter.ToYaml(Samples.Study).Replace("protocol: 2", "protocol: 3", StringComparison.Ordinal));
        var error = Assert.Throws<ConfigurationException>(() => StudyReader.ReadResolved(file));
        Assert.Matches(@"study\.yaml:\d+:11: 'protocol' is 3; this program measures by protocol 2 and reports 1 to 2\.$", error.Message);
    }

    /// <summary>A committed study of three seeds, to be changed.</summary>
    private string Copied()
    {
        var from = Path.Combine(Committed, "quickstart-seeds");
        var to = Path.Combine(folder, "quickstart-seeds");
        foreach (
            var file in Directory
                .GetFiles(from, "*", SearchOption.AllDirectories)
                .Where(file => Path.GetFileName(file) is "study.yaml" or "record.json" or "evaluations.csv")
        )
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return to;
    }
}
