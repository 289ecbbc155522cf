using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Results;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary><c>compare</c>: what scripts/compare-pytorch calls.</summary>
internal static class CompareCommand
{
    public const string Verb = "compare";

    /// <summary>One side of a comparison, which <see cref="Comparison"/> starts.</summary>
    public const string SideVerb = "compare-side";

    // Set by scripts/hide-caches.
    private const string HideCachesVariable = "HIDE_CACHES_TABLES";

    private static readonly string[] Architectures = ["resnet18", "resnet50", "mobilenet_v2", "alexnet", "efficientnet_b0", "vit_b_16"];

    public static Command Create()
    {
        var script = Required("--script", "The Python side.", "FILE");
        var python = Many("--python", "A Python with PyTorch, and its arguments: 'chroot /debian python3'.", "CMD", "python3");
        var architecture = Many("--architecture", $"Networks: {string.Join(", ", Architectures)}.", "NAME", "resnet18", "mobilenet_v2")
            .AcceptOnlyFromAmong(Architectures);
        var width = new Option<int?>("--width") { Description = "Channels after the first convolution of resnet18.", HelpName = "N" };
        var batch = Numbers("--batch", "Examples of a batch.", 32);
        var imageSize = Numbers("--image-size", "Pixels.", 64);
        var precision = Many("--precision", "fp32, tf32 or bf16.", "NAME", "fp32").AcceptOnlyFromAmong("fp32", "tf32", "bf16");
        var memoryFormat = Many("--memory-format", "contiguous or channels-last.", "NAME", "contiguous")
            .AcceptOnlyFromAmong("contiguous", "channels-last");
        var threads = new Option<int>("--threads")
        {
            Description = "On a CPU.",
            HelpName = "N",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        var device = new Option<string>("--device")
        {
            Description = "cpu, cuda or cuda:N.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "cpu",
        };
        var compile = new Option<bool>("--compile")
        {
            Description =
                "Compare each Python with torch.compile, too, where it and this machine have it: one more row. The summary is of "
                + "Python as it comes.",
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "How often the sides take turns.",
            HelpName = "N",
            DefaultValueFactory = _ => 7,
        };
        var seconds = new Option<double>("--seconds")
        {
            Description = "How long a turn lasts, about.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var allocator = new Option<string>("--allocator")
        {
            Description =
                "What allocates memory. 'as-started': TrainHarness as in trials of a study (tcmalloc, or a glibc that keeps what was "
                + "freed), Python with glibc as it comes; 'keep': all sides as trials; 'default': all with glibc as it comes.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "as-started",
        }.AcceptOnlyFromAmong("as-started", "keep", "default");
        var output = new Option<string?>("--output")
        {
            Description = "A JSON file to add the results to; a table is written beside it.",
            HelpName = "FILE",
        };
        var json = new Option<bool>("--json") { Description = "Write one JSON document to standard output, and nothing else there." };
        var command = new Command(
            Verb,
            "The same training step in TrainHarness and in Python's PyTorch, each started as its users start it. First the loss and "
                + "the gradients of each side's first step are compared with double precision: what is wrong is refused, and a Python "
                + "that is wrong as it comes is tried again with oneDNN kept to AVX, which its row then says. Exit status 1 where a "
                + "comparison was refused.\n\nExample: scripts/compare-pytorch --python python3 --precision fp32 --precision bf16"
        )
        {
            script,
            python,
            architecture,
            width,
            batch,
            imageSize,
            precision,
            memoryFormat,
            threads,
            device,
            compile,
            rounds,
            seconds,
            allocator,
            output,
            json,
            new HelpOption(),
        };
        command.SetAction(parsed =>
        {
            var request = new ComparisonRequest
            {
                Works =
                [
                    .. from name in parsed.GetRequiredValue(architecture)
                    from side in parsed.GetRequiredValue(imageSize)
                    from count in parsed.GetRequiredValue(batch)
                    from format in parsed.GetRequiredValue(memoryFormat)
                    from arithmetic in parsed.GetRequiredValue(precision)
                    select new ComparedWork
                    {
                        Architecture = name,
                        Width = parsed.GetValue(width),
                        Batch = count,
                        ImageSize = side,
                        Precision = Enum.Parse<Precision>(arithmetic, ignoreCase: true),
                        MemoryFormat = format == "contiguous" ? MemoryFormat.Contiguous : MemoryFormat.ChannelsLast,
                        Threads = parsed.GetValue(threads),
                        Device = parsed.GetRequiredValue(device),
                        Compile = parsed.GetValue(compile),
                    },
                ],
                Pythons = parsed.GetRequiredValue(python),
                Script = parsed.GetRequiredValue(script),
                Rounds = parsed.GetValue(rounds),
                TurnSeconds = parsed.GetValue(seconds),
                Allocator = parsed.GetValue(allocator) switch
                {
                    "keep" => Allocator.Keep,
                    "default" => Allocator.Default,
                    _ => Allocator.AsStarted,
                },
            };
            Require(request);
            return Run(request, parsed.GetValue(output), parsed.GetValue(json));
        });
        return command;
    }

    private static void Require(ComparisonRequest request)
    {
        if (request.Rounds < 1 || request.TurnSeconds <= 0)
            throw new ConfigurationException("--rounds, --seconds: allowed: at least one round, and turns longer than nothing.");
        if (
            request.Works.FirstOrDefault(work =>
                work
                    is { Width: not null, Architecture: not "resnet18" }
                        or { Width: < 1 }
                        or { Batch: < 1 }
                        or { ImageSize: < 1 }
                        or { Threads: < 1 }
            ) is
            { } wrong
        )
            throw new ConfigurationException($"{wrong.Name}: --width is for resnet18, and all sizes are at least 1.");
    }

    private static int Run(ComparisonRequest request, string? output, bool json)
    {
        var results = new ComparisonResults(Machine(), []);
        using var comparison = new Comparison(request);
        var isRefused = false;
        foreach (var work in request.Works)
        {
            ComparisonResult cell;
            try
            {
                cell = comparison.Run(work);
            }
            catch (ComparisonRefusedException error)
            {
                // The other cells may still be compared.
                Console.Error.WriteLine(error.Message);
                isRefused = true;
                continue;
            }

            foreach (var side in (SideResult[])[cell.Ours, .. cell.Theirs])
            {
                if (side.Description is { } description)
                    Console.Error.WriteLine(
                        $"{work.Name}, {side.Name}: first step off double precision by {RightResults.Shown(description)}"
                    );
            }

            foreach (var side in cell.Theirs)
                Console.Error.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"{work.Name} against {side.Name}: {side.Refusal ?? $"{side.Ratio:F3}"}")
                );
            results = results with { Cells = [.. results.Cells, cell] };
            if (output is not null)
                Add(output, results.Machine, cell);
        }

        Console.Out.WriteLine(json ? ResultsJson.Write(results) : ComparisonTable.Write(results));
        // torch.compile is one more row where it works.
        return isRefused || results.Cells.Any(cell => cell.Theirs.Any(side => side.Refusal is not null && !side.IsCompiled)) ? 1 : 0;
    }

    // Cells of earlier calls stay, unless the same work was measured again; those of another machine have no place beside these.
    private static void Add(string path, string machine, ComparisonResult cell)
    {
        var earlier = File.Exists(path)
            ? JsonSerializer.Deserialize<ComparisonResults>(File.ReadAllText(path), ResultsJson.Options)!
            : new(machine, []);
        if (earlier.Machine != machine)
            throw new ConfigurationException($"{path}: measured on another machine ({earlier.Machine}); allowed: a new file.");
        var kept = earlier.Cells.Where(other => other.Work.Name != cell.Work.Name || other.Allocator != cell.Allocator);
        var all = new ComparisonResults(machine, [.. kept, cell]);
        AtomicFile.Write(path, ResultsJson.Write(all) + "\n");
        AtomicFile.Write(Path.ChangeExtension(path, ".md"), ComparisonTable.Write(all));
    }

    private static string Machine()
    {
        var processor = OperatingSystem.IsLinux()
            ? File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(':')[1]
                .Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{processor ?? "unknown processor"}, {Environment.ProcessorCount} cores, "
                + $"{RuntimeInformation.OSDescription}{(HiddenCaches.AreHere ? Hidden() : "")}."
        );
    }

    private static string Hidden() =>
        Environment.GetEnvironmentVariable(HideCachesVariable) is not null ? ", caches hidden by scripts/hide-caches"
        : Environment.GetEnvironmentVariable(SimulatedHiddenCaches.Variable) == "1" ? ", caches hidden by a simulation"
        : ", caches hidden";

    private static Option<string> Required(string name, string description, string help) =>
        new(name)
        {
            Description = description,
            HelpName = help,
            Required = true,
        };

    private static Option<string[]> Many(string name, string description, string help, params string[] otherwise) =>
        new(name)
        {
            Description = description,
            HelpName = help,
            DefaultValueFactory = _ => otherwise,
            AllowMultipleArgumentsPerToken = true,
        };

    private static Option<int[]> Numbers(string name, string description, int otherwise) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => [otherwise],
            AllowMultipleArgumentsPerToken = true,
        };
}
