using System.CommandLine;
using System.Globalization;
using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Training;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs.Validation;

namespace TrainHarness.Cli.Commands;

/// <summary><c>datasets</c>: lists the dataset files; downloads, checks and packs what they describe.</summary>
internal static class DatasetsCommand
{
    private const int UsualPackSize = 256;

    private sealed record Row(string Name, string Kind, int? Classes, string? Place, string? Download, long? DownloadBytes, string File);

    private sealed record Prepared(
        string Name,
        string Pack,
        int PackSize,
        int Classes,
        int TrainExamples,
        int ValidationExamples,
        IReadOnlyList<string> Unreadable,
        string PackSha256,
        IReadOnlyDictionary<string, int>? PassedOver,
        IReadOnlyList<string> Remarks
    );

    public static Command Create(WorkloadCatalog workloads)
    {
        var filter = CommonOptions.Filter("datasets");
        // The help of the commands below would show it as theirs.
        filter.Hidden = true;
        var json = CommonOptions.Json();
        var command = new Command(
            "datasets",
            "Lists the datasets that a study may name; prepares or verifies one. FILTER works as for 'recipes'.\n\n"
                + "Example: trainharness datasets 'image*'"
        )
        {
            filter,
            json,
        };
        command.Subcommands.Add(Prepare(workloads));
        command.Subcommands.Add(Verify());
        command.SetAction(parsed => List(parsed.GetValue(filter), parsed.GetValue(json)));
        return command;
    }

    private static int List(string? filter, bool json)
    {
        var files = NameFilter.Apply(
            filter,
            ConfigurationFolders.WithoutStudy().All("datasets"),
            file => Path.GetFileNameWithoutExtension(file),
            "dataset"
        );
        var rows = files
            .Select(file =>
            {
                var dataset = DatasetReader.Read(Path.GetFileNameWithoutExtension(file), ConfigurationNode.Load(file));
                return new Row(
                    dataset.Name,
                    dataset.Kind == DatasetKind.Synthetic ? "drawn" : "images",
                    dataset.Synthetic?.Classes ?? dataset.Classes?.Count,
                    DatasetPreparation.PlaceOf(dataset, null, DatasetPreparation.DefaultCacheFolder),
                    dataset.Download?.Address.ToString(),
                    dataset.Download?.Bytes,
                    file
                );
            })
            .ToList();
        if (json)
        {
            CommonOptions.WriteJson(rows);
            return ExitStatus.Done;
        }

        var table = new TextTable(new("dataset"), new("what"), new("where it lies"));
        foreach (var row in rows)
            table.Add(row.Name, row.Kind, Where(row));
        table.Write();
        return ExitStatus.Done;
    }

    private static string Where(Row row) =>
        row switch
        {
            { Kind: "drawn" } => "needs no file",
            { Place: { } place } => place,
            { DownloadBytes: { } bytes } => $"--data PATH, or: trainharness datasets prepare {row.Name} (downloads {Shown.Bytes(bytes)})",
            _ => "--data PATH",
        };

    private static Command Prepare(WorkloadCatalog workloads)
    {
        var name = Name();
        var data = CommonOptions.Data();
        var packSize = new Option<int?>("--pack-size")
        {
            Description = $"Side in pixels of what is stored; {UsualPackSize} where nothing is said.",
            HelpName = "N",
        };
        var study = new Option<string?>("--study")
        {
            Description = "Prepare what this study reads: its subset and its packSize.",
            HelpName = "FILE",
            CompletionSources = { _ => Completions.Studies() },
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "prepare",
            "Downloads a dataset where that is allowed, checks it, and packs it into the cache.\n\nExample: trainharness datasets "
                + "prepare imagenette --study imagenette-96-cpu"
        )
        {
            name,
            data,
            packSize,
            study,
            json,
        };
        command.SetAction(
            (parsed, cancellation) =>
                Prepare(
                    workloads,
                    parsed.GetValue(name)!,
                    parsed.GetValue(data),
                    parsed.GetValue(packSize),
                    parsed.GetValue(study),
                    parsed.GetValue(json),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> Prepare(
        WorkloadCatalog workloads,
        string name,
        string? data,
        int? packSize,
        string? studyFile,
        bool json,
        CancellationToken cancellation
    )
    {
        if (studyFile is not null && packSize is not null)
            throw new ConfigurationException("--pack-size: the study says what size is packed; allowed: --study or --pack-size.");
        var study = studyFile is null ? null : OfImages(studyFile, StudyReader.Read(StudyFile.Find(studyFile), workloads.Vocabularies));
        if (study is not null && study.Dataset.Name != name)
            throw new ConfigurationException($"--study: {studyFile} reads {study.Dataset.Name}, not {name}; allowed: a study of {name}.");
        var dataset = study?.Dataset ?? Read(name);
        var path = NamedPlace.Data(data) is { } given ? Path.GetFullPath(given) : null;
        var output = json ? Console.Error : Console.Out;
        if (DatasetPreparation.PlaceOf(dataset, path, DatasetPreparation.DefaultCacheFolder) is null && dataset.Download is { } download)
        {
            output.WriteLine($"Downloading {download.Address} ({Shown.Bytes(download.Bytes)})");
            await DatasetDownload.Fetch(
                download,
                DatasetPreparation.DefaultCacheFolder,
                TimeSpan.FromSeconds(1),
                new DownloadLines(output),
                cancellation
            );
        }

        using var pack = DatasetPreparation.OpenOrCreate(
            dataset,
            study?.Subset ?? Subset.Everything,
            study?.PackSize ?? packSize ?? UsualPackSize,
            path,
            DatasetPreparation.DefaultCacheFolder,
            verify: true,
            new PackingLines(name, output),
            cancellation
        );
        var header = pack.Header;
        if (json)
        {
            CommonOptions.WriteJson(
                new Prepared(
                    name,
                    pack.FilePath,
                    header.Side,
                    header.ClassNames.Count,
                    header.TrainCount,
                    header.ValidationCount,
                    header.Unreadable,
                    pack.Fingerprint,
                    pack.PassedOver,
                    pack.Remarks
                )
            );
            return ExitStatus.Done;
        }

        foreach (var remark in pack.Remarks)
            output.WriteLine($"{name}: {remark}");
        var passedOver = pack.PassedOverWords is { } words ? $"; {words}" : "";
        output.WriteLine(
            $"{name} is ready: {header.TrainCount} training and {header.ValidationCount} validation examples of "
                + $"{header.ClassNames.Count} classes, {header.Side} px{passedOver}. Pack: {pack.FilePath}"
        );
        return ExitStatus.Done;
    }

    private static ImageSettings OfImages(string file, Study study) =>
        study.Settings as ImageSettings
        ?? throw new ConfigurationException(
            $"--study: {file} is of the workload {study.Workload}; allowed: a study of {StudyVocabulary.Unnamed}."
        );

    private static Command Verify()
    {
        var name = Name();
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new Command(
            "verify",
            "Reads every pack of a dataset in the cache and compares it with its checksum, and with the source where that is there. "
                + "Exit status 1 where one is damaged.\n\nExample: trainharness datasets verify imagenette"
        )
        {
            name,
            data,
            json,
        };
        command.SetAction(
            (parsed, cancellation) =>
                Task.FromResult(Verify(parsed.GetValue(name)!, parsed.GetValue(data), parsed.GetValue(json), cancellation))
        );
        return command;
    }

    private static int Verify(string name, string? data, bool json, CancellationToken cancellation)
    {
        var path = NamedPlace.Data(data) is { } given ? Path.GetFullPath(given) : null;
        var checks = DatasetPreparation.Verify(Read(name), path, DatasetPreparation.DefaultCacheFolder, cancellation);
        if (json)
        {
            CommonOptions.WriteJson(checks);
        }
        else if (checks.Count == 0)
        {
            Console.Out.WriteLine($"No pack of {name} is in {DatasetPreparation.DefaultCacheFolder}.");
        }
        else
        {
            foreach (var check in checks)
                Console.Out.WriteLine(
                    $"{check.State.ToString().ToLowerInvariant(), -8} {check.File}{(check.Problem is { } problem ? $": {problem}" : "")}"
                );
        }

        return checks.Any(check => check.State == PackState.Damaged) ? ExitStatus.Failed : ExitStatus.Done;
    }

    private static Argument<string> Name() =>
        new("NAME")
        {
            Description = "Name of a dataset; see: trainharness datasets.",
            HelpName = "NAME",
            CompletionSources = { _ => Completions.Listed("datasets") },
        };

    private static DatasetDescription Read(string name)
    {
        var folders = ConfigurationFolders.WithoutStudy();
        var file = folders.All("datasets").FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == name)
            ?? throw new ConfigurationException(
                $"unknown dataset '{name}'; {NearNames.Allowed(name, folders.NamesOf("datasets"), "trainharness datasets")}"
            );
        return DatasetReader.Read(name, ConfigurationNode.Load(file));
    }

    /// <summary>A line for every tenth of a download.</summary>
    private sealed class DownloadLines(TextWriter output) : IProgress<DownloadProgress>
    {
        private long tenth = -1;

        public void Report(DownloadProgress value)
        {
            if (10 * value.Done / value.Total is var now && now > tenth)
            {
                tenth = now;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Shown.Bytes(value.Done)} of {Shown.Bytes(value.Total)}"));
            }
        }
    }
}
