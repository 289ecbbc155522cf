using System.Text;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports;
using TrainHarness.Results;

namespace TrainHarness.Tests.Results;

/// <summary>Whatever stands in a text file, reading it ends well or with one line that names the file.</summary>
[Trait("Lane", "long")]
public sealed class HostileTextTests : IDisposable
{
    private const int Tries = 1_000;

    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_study_that_was_tampered_with_is_read_or_refused_in_one_line()
    {
        var file = Path.Combine(folder, "study.yaml");
        ReadsOrRefuses(file, Encoding.UTF8.GetBytes(StudyWriter.ToYaml(Samples.Study)), () => StudyReader.ReadResolved(file));
    }

    [Fact]
    public void A_recipe_that_was_tampered_with_is_read_or_refused_in_one_line()
    {
        var file = Path.Combine(folder, "recipe.yaml");
        ReadsOrRefuses(file, Shipped("recipes/swin.yaml"), () => RecipeReader.Read("recipe", ConfigurationNode.Load(file)));
    }

    [Theory]
    [InlineData("synthetic-shapes")]
    [InlineData("imagewoof")]
    public void A_dataset_that_was_tampered_with_is_read_or_refused_in_one_line(string name)
    {
        var file = Path.Combine(folder, "dataset.yaml");
        ReadsOrRefuses(file, Shipped($"datasets/{name}.yaml"), () => DatasetReader.Read("dataset", ConfigurationNode.Load(file)));
    }

    [Fact]
    public void Prices_that_were_tampered_with_are_read_or_refused_in_one_line()
    {
        var file = Path.Combine(folder, "prices.yaml");
        ReadsOrRefuses(file, Shipped("prices.yaml"), () => PriceReader.Read(ConfigurationNode.Load(file).Required("devices")));
    }

    [Fact]
    public void A_record_that_was_tampered_with_is_read_or_refused_in_one_line()
    {
        var (store, trial) = Written();
        var file = Path.Combine(store.TrialFolder(trial.Record.Id), "record.json");
        ReadsOrRefuses(file, File.ReadAllBytes(file), () => store.Read(trial.Record.Id));
    }

    [Fact]
    public void A_report_of_records_that_were_tampered_with_is_written_or_refused_in_one_line()
    {
        var study = Samples.Study;
        var store = new ResultStore(folder);
        foreach (var (entry, macs) in study.AllEntries.Zip((long[])[100, 50, 25]))
        {
            var trial = Samples.Trial(
                study,
                entry,
                1,
                macs,
                new DateOnly(2012, 6, 1),
                entry == study.Baseline ? null : 0.5,
                0.2,
                0.4,
                0.6,
                0.6
            );
            store.Write(trial.Record, trial.Evaluations);
        }

        new MeasuredStudy(study, store).WriteStudy();
        var id = new Trial(study.Entries[1], 1).Id;
        var file = Path.Combine(store.TrialFolder(id), "record.json");
        ReadsOrRefuses(
            file,
            File.ReadAllBytes(file),
            () =>
            {
                var report = StudyReport.Read(store);
                Assert.NotEmpty(report.Markdown());
                Assert.NotEmpty(report.Html([]));
                Assert.NotEmpty(
                    EfficiencyCsv.Of(
                        report.Analysed.Summary,
                        report.Analysed.Trials().ToDictionary(trial => trial.Record.Entry, trial => trial.Record.Architecture.Paper ?? "")
                    )
                );
                // What is not finite cannot be written.
                Assert.NotEmpty(ResultsJson.Write(report.Analysed.Summary));
            },
            store.Folder
        );
    }

    [Fact]
    public void Evaluations_that_were_tampered_with_are_refused_in_one_line()
    {
        var (store, trial) = Written();
        var file = Path.Combine(store.TrialFolder(trial.Record.Id), "evaluations.csv");
        ReadsOrRefuses(file, File.ReadAllBytes(file), () => store.Read(trial.Record.Id));
        var csv = EvaluationTable.ToCsv(trial.Evaluations, ["top1", "top5"]);
        // Past the checksum, which anybody can compute.
        Mutations.Sample(Encoding.UTF8.GetBytes(csv), Tries, bytes =>
        {
            try
            {
                Assert.All(EvaluationTable.FromCsv(Encoding.UTF8.GetString(bytes)), evaluation =>
                    Assert.True(double.IsFinite(evaluation.Seconds) && evaluation.Seconds >= 0)
                );
            }
            catch (InvalidDataException error)
            {
                Assert.DoesNotContain('\n', error.Message);
            }
        });
    }

    [Theory]
    [InlineData("resnet18/../../../outside.sgd-step6")]
    [InlineData("../../outside.sgd-step6")]
    [InlineData("/tmp/outside.sgd-step6")]
    [InlineData("resnet18.sgd-step6/../../outside")]
    public void An_entry_that_climbs_out_of_the_results_is_refused(string entry)
    {
        var file = Path.Combine(folder, "study.yaml");
        File.WriteAllText(
            file,
            StudyWriter.ToYaml(Samples.Study).Replace("baseline: alexnet.sgd-step6", $"baseline: \"{entry}\"", StringComparison.Ordinal)
        );
        Assert.Contains(
            "study.yaml:",
            Assert.Throws<ConfigurationException>(() => StudyReader.ReadResolved(file)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("{")]
    [InlineData("\"architecture\": {")]
    [InlineData("\"recipe\": {")]
    [InlineData("\"optimizer\": {")]
    public void A_type_that_a_record_names_is_not_made(string place)
    {
        var (store, trial) = Written();
        var file = Path.Combine(store.TrialFolder(trial.Record.Id), "record.json");
        var text = File.ReadAllText(file);
        var at = text.IndexOf(place, StringComparison.Ordinal) + place.Length;
        File.WriteAllText(file, text.Insert(at, $" \"$type\": \"{typeof(Bait).AssemblyQualifiedName}\","));
        Assert.Equal(ResultsJson.Write(trial.Record.Recipe), ResultsJson.Write(store.Read(trial.Record.Id)!.Record.Recipe));
        Assert.Equal(0, Bait.Made);
    }

    [Theory]
    [InlineData("!TrainHarness.Testing.Bait")]
    [InlineData("!<TrainHarness.Testing.Bait,TrainHarness.Testing>")]
    [InlineData("!System.Diagnostics.Process")]
    [InlineData("!!set")]
    public void A_type_that_a_study_or_a_dataset_names_is_refused(string tag)
    {
        var study = Path.Combine(folder, "study.yaml");
        File.WriteAllText(
            study,
            StudyWriter.ToYaml(Samples.Study).Replace("name: sample", $"name: {tag} sample", StringComparison.Ordinal)
        );
        Assert.EndsWith(
            "this has a tag, which would name its type; allowed: plain values.",
            Assert.Throws<ConfigurationException>(() => StudyReader.ReadResolved(study)).Message,
            StringComparison.Ordinal
        );
        var dataset = Path.Combine(folder, "shapes.yaml");
        File.WriteAllText(dataset, $"{tag} {{ kind: synthetic }}\n");
        Assert.StartsWith(
            $"{dataset}:1:1: ",
            Assert.Throws<ConfigurationException>(() => DatasetReader.Read("shapes", ConfigurationNode.Load(dataset))).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(0, Bait.Made);
    }

    private (ResultStore Store, TrialResult Trial) Written()
    {
        var study = Samples.Study;
        var trial = Samples.Trial(study, study.Baseline, 1, 100, new DateOnly(2012, 6, 1), null, 0.2, 0.4, 0.6);
        var store = new ResultStore(folder);
        store.Write(trial.Record, trial.Evaluations);
        return (store, trial);
    }

    private static byte[] Shipped(string name) => File.ReadAllBytes(Path.Combine(ShippedConfigs.Folder, name));

    /// <param name="place">That a refusal names; null for the file's folder.</param>
    private static void ReadsOrRefuses(string file, byte[] whole, Action read, string? place = null) =>
        Mutations.Sample(whole, Tries, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            try
            {
                read();
            }
            catch (ConfigurationException error)
            {
                Assert.Contains(place ?? Path.GetDirectoryName(file)!, error.Message, StringComparison.Ordinal);
                // One line, and nothing that would clear a terminal.
                Assert.DoesNotContain(error.Message, char.IsControl);
            }
        });
}
