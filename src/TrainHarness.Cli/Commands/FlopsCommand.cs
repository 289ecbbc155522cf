using System.CommandLine;
using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Training;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Cli.Commands;

/// <summary><c>flops ARCH</c>: what a network costs per example, before anything is trained.</summary>
internal static class FlopsCommand
{
    private sealed record Answer(
        string Architecture,
        string Workload,
        string Sizes,
        int? ImageSize,
        int? Classes,
        int Batch,
        bool? AuxiliaryHeads,
        long Parameters,
        Macs ForwardMacs,
        Macs GradInputMacs,
        Macs GradWeightMacs,
        Macs TrainingMacs,
        IReadOnlyList<Layer>? Layers
    );

    private sealed record Layer(
        string Name,
        string Kind,
        string Operation,
        string Output,
        Macs Macs,
        Macs GradInputMacs,
        Macs GradWeightMacs
    );

    private const double MaxMultiplier = 100;

    public static Command Create(WorkloadCatalog workloads)
    {
        var architecture = new Argument<string>("ARCH")
        {
            Description = "Name of an architecture (see: trainharness architectures), or a file with code of your own: ./StarNet.cs.",
            HelpName = "ARCH",
            CompletionSources = { _ => Completions.Architectures() },
        };
        var imageSize = new Option<int>("--image-size")
        {
            Description = "Side of an image in pixels.",
            HelpName = "N",
            DefaultValueFactory = _ => 224,
        };
        var classes = new Option<int>("--classes")
        {
            Description = "Number of classes.",
            HelpName = "N",
            DefaultValueFactory = _ => 1000,
        };
        var batch = new Option<int>("--batch")
        {
            Description = "Images in the batch that is priced; the answer stays per image.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var heads = new Option<bool>("--auxiliary-heads") { Description = "Count the auxiliary heads too (googlenet, inception_v3)." };
        var width = Multiplier("--width", "channels");
        var depth = Multiplier("--depth", "layers");
        var study = new Option<string?>("--study")
        {
            Description = "A study at whose sizes code of your own is counted; required for networks that do not take images.",
            HelpName = "FILE",
            CompletionSources = { _ => Completions.Studies() },
        };
        var layers = new Option<bool>("--layers") { Description = "List every layer." };
        var json = CommonOptions.Json();
        var command = new Command(
            "flops",
            "Counts parameters and exact multiply-adds per image: forward, grad-input, grad-weight, training.\n\nExample: trainharness "
                + "flops resnet18 --image-size 96 --classes 10 --layers"
        )
        {
            architecture,
            imageSize,
            classes,
            batch,
            heads,
            width,
            depth,
            study,
            layers,
            json,
        };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(architecture)!;
            var source = OwnSource.IsPlace(name) ? OwnSource.Read(name, Environment.CurrentDirectory) : null;
            var options = new NetworkOptions(parsed.GetValue(classes), parsed.GetValue(imageSize))
            {
                AuxiliaryHeads = parsed.GetValue(heads),
                Width = parsed.GetValue(width),
                Depth = parsed.GetValue(depth),
            };
            if (parsed.GetValue(study) is not null)
                RequireNone(parsed, imageSize, classes, batch, heads, width, depth);
            var answer = parsed.GetValue(study) is { } file
                ? InStudy(name, source, file, workloads)
                : OfImages(name, source, options, parsed.GetValue(batch), workloads);
            if (!parsed.GetValue(layers))
                answer = answer with { Layers = null };
            if (parsed.GetValue(json))
                CommonOptions.WriteJson(answer);
            else
                Show(answer);
            return ExitStatus.Done;
        });
        return command;
    }

    /// <summary>The study says all that they would.</summary>
    private static void RequireNone(ParseResult parsed, params Option[] options)
    {
        if (Array.Find(options, option => parsed.GetResult(option) is { Implicit: false }) is { } given)
            throw new ConfigurationException($"{given.Name}: --study says that already; allowed: one of the two.");
    }

    private static Option<double> Multiplier(string name, string what) =>
        new(name)
        {
            Description = $"Times as many {what} as published, for architectures that are published so.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };

    private static Answer OfImages(string name, OwnSource? source, NetworkOptions options, int batch, WorkloadCatalog workloads)
    {
        if (
            source is null
            && workloads.Architectures.FirstOrDefault(row => row.Architecture.Name == name) is ({ } workload, _)
            && workload != StudyVocabulary.Unnamed
        )
            throw new ConfigurationException(
                $"{name}: is a network of {workload}, whose records say what it costs; allowed: networks of images, and files of your own."
            );
        var architecture = source is null ? ArchitectureCatalog.ByName(name) : null;
        if (source is not null && workloads.OfOwn(source) is { } other and not StudyVocabulary.Unnamed)
            throw new ConfigurationException($"{name}: is a network of {other}, whose sizes a study says; allowed: --study FILE.");
        RequireRange("--classes", options.Classes, 1, 1_000_000);
        RequireRange("--batch", batch, 1, 65_536);
        RequireMultiplier("--width", options.Width);
        RequireMultiplier("--depth", options.Depth);
        RequireRange("--image-size", options.ImageSize, 1, 8192);
        architecture?.Require(options);
        TorchLibrary.Load();
        var count = source is null ? Price(architecture!, options, batch) : OwnNetwork.Price(source, options, batch);
        return Of(source?.Name ?? name, StudyVocabulary.Unnamed, count) with
        {
            ImageSize = options.ImageSize,
            Classes = options.Classes,
            AuxiliaryHeads = options.AuxiliaryHeads,
        };
    }

    private static Answer InStudy(string name, OwnSource? source, string file, WorkloadCatalog workloads)
    {
        var study = StudyReader.Read(StudyFile.Find(file), workloads.Vocabularies);
        if (source is null || workloads.Of(study) is not IOwnArchitectures own)
            throw new ConfigurationException(
                $"--study: goes with code of your own, which '{name}' is not; allowed: FILE.cs or FILE.dll#TYPE."
            );
        return Of(source.Name, study.Workload, own.Count(source, study));
    }

    private static Answer Of(string name, string workload, StepCount count)
    {
        // Of somebody's own more examples may have run than were asked for.
        var (cost, batch) = (count.Cost, count.Cost.Examples);
        return new Answer(
            name,
            workload,
            count.Sizes,
            null,
            null,
            batch,
            null,
            count.Parameters,
            PerExample(cost.Forward, batch),
            PerExample(cost.GradInput, batch),
            PerExample(cost.GradWeight, batch),
            PerExample(cost.Training, batch),
            [
                .. cost.Layers.Select(layer => new Layer(
                    layer.Name,
                    layer.Kind,
                    layer.Operation,
                    layer.Output,
                    PerExample(layer.Forward, batch),
                    PerExample(layer.GradInput, batch),
                    PerExample(layer.GradWeight, batch)
                )),
            ]
        );
    }

    private static StepCount Price(Architecture architecture, NetworkOptions options, int batch)
    {
        using var network = architecture.BuildUnfilled(options);
        return new StepCount(
            ImagePricer.Price(network, options.ImageSize, batch),
            Architecture.Parameters(network),
            FormattableString.Invariant($"{options.ImageSize} px, {options.Classes} classes")
        );
    }

    private static void RequireRange(string option, int value, int min, int max)
    {
        if (value < min || value > max)
            throw new ConfigurationException($"{option}: {value} is out of range; allowed: {min} to {max}.");
    }

    private static void RequireMultiplier(string option, double value)
    {
        if (!(value > 0 && value <= MaxMultiplier))
            throw new ConfigurationException(
                FormattableString.Invariant($"{option}: {value} is out of range; allowed: above 0, at most {MaxMultiplier}.")
            );
    }

    private static Macs PerExample(Macs all, int batch) => new(all.Count / (UInt128)batch);

    private static void Show(Answer answer)
    {
        Console.Out.WriteLine(
            $"{answer.Architecture}, {answer.Sizes}: {answer.Parameters} parameters. Multiply-adds per "
                + $"{(answer.ImageSize is null ? "example" : "image")}:"
        );
        var table = new TextTable(
            new("layer"),
            new("kind"),
            new("operation"),
            new("output"),
            Column.Number("forward"),
            Column.Number("grad-input"),
            Column.Number("grad-weight"),
            Column.Number("training")
        );
        foreach (var layer in answer.Layers ?? [])
        {
            var training = layer.Macs + layer.GradInputMacs + layer.GradWeightMacs;
            table.Add(
                layer.Name,
                layer.Kind,
                layer.Operation,
                layer.Output,
                $"{layer.Macs}",
                $"{layer.GradInputMacs}",
                $"{layer.GradWeightMacs}",
                $"{training}"
            );
        }

        table.Add(
            "all",
            "",
            "",
            "",
            $"{answer.ForwardMacs}",
            $"{answer.GradInputMacs}",
            $"{answer.GradWeightMacs}",
            $"{answer.TrainingMacs}"
        );
        table.Write();
        Console.Out.WriteLine(
            $"Forward {Shown.Macs(answer.ForwardMacs)}, training {Shown.Macs(answer.TrainingMacs)} multiply-adds. "
                + "One multiply-add is 2 FLOPs ('exact'); the paper of 2020 counted it as 1."
        );
    }
}
