using System.CommandLine;
using TrainHarness.Cli.Execution;
using TrainHarness.Cli.Terminal;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Reports.Wording;
using TrainHarness.Training.Native;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Cli.Commands;

/// <summary><c>flops ARCH</c>: what a network costs per image, before anything is trained.</summary>
internal static class FlopsCommand
{
    private sealed record Answer(
        string Architecture,
        int ImageSize,
        int Classes,
        int Batch,
        bool AuxiliaryHeads,
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

    public static Command Create()
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
            layers,
            json,
        };
        command.SetAction(parsed =>
            Run(
                parsed.GetValue(architecture)!,
                new NetworkOptions(parsed.GetValue(classes), parsed.GetValue(imageSize))
                {
                    AuxiliaryHeads = parsed.GetValue(heads),
                    Width = parsed.GetValue(width),
                    Depth = parsed.GetValue(depth),
                },
                parsed.GetValue(batch),
                parsed.GetValue(layers),
                parsed.GetValue(json)
            )
        );
        return command;
    }

    private static Option<double> Multiplier(string name, string what) =>
        new(name)
        {
            Description = $"Times as many {what} as published, for architectures that are published so.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };

    private static int Run(string name, NetworkOptions options, int batch, bool withLayers, bool json)
    {
        var architecture = OwnSource.IsPlace(name)
            ? OwnNetwork.Of(OwnSource.Read(name, Environment.CurrentDirectory))
            : ArchitectureCatalog.ByName(name);
        RequireRange("--classes", options.Classes, 1, 1_000_000);
        RequireRange("--batch", batch, 1, 65_536);
        RequireMultiplier("--width", options.Width);
        RequireMultiplier("--depth", options.Depth);
        RequireRange("--image-size", options.ImageSize, 1, 8192);
        architecture.Require(options);
        TorchLibrary.Load();
        var (cost, parameters) = architecture.Source is null
            ? Price(architecture, options, batch)
            : OwnNetwork.Price(architecture, options, batch);
        // Of somebody's own more images may have run than were asked for.
        batch = cost.Examples;
        var answer = new Answer(
            architecture.Name,
            options.ImageSize,
            options.Classes,
            batch,
            options.AuxiliaryHeads,
            parameters,
            PerImage(cost.Forward, batch),
            PerImage(cost.GradInput, batch),
            PerImage(cost.GradWeight, batch),
            PerImage(cost.Training, batch),
            withLayers
                ?
                [
                    .. cost.Layers.Select(layer => new Layer(
                        layer.Name,
                        layer.Kind,
                        layer.Operation,
                        layer.Output,
                        PerImage(layer.Forward, batch),
                        PerImage(layer.GradInput, batch),
                        PerImage(layer.GradWeight, batch)
                    )),
                ]
                : null
        );
        if (json)
            CommonOptions.WriteJson(answer);
        else
            Show(answer);
        return ExitStatus.Done;
    }

    private static (NetworkCost Cost, long Parameters) Price(Architecture architecture, NetworkOptions options, int batch)
    {
        using var network = architecture.BuildUnfilled(options);
        return (ImagePricer.Price(network, options.ImageSize, batch), Architecture.Parameters(network));
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

    private static Macs PerImage(Macs all, int batch) => new(all.Count / (UInt128)batch);

    private static void Show(Answer answer)
    {
        Console.Out.WriteLine(
            $"{answer.Architecture}, {answer.ImageSize} px, {answer.Classes} classes: {answer.Parameters} parameters. "
                + "Multiply-adds per image:"
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
