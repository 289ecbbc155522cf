using System.Buffers.Binary;
using Tensorboard;
using TrainHarness.Results;

namespace TrainHarness.Cli.Tests.Commands;

/// <summary>
/// <c>report --export</c> by the real program. TensorBoard's files are read by the messages of its own protocol, which TorchSharp brings.
/// </summary>
public sealed class ExportCommandTests : IDisposable
{
    private readonly WorkFolder folder = new();

    public ExportCommandTests() => new SyntheticStudy(2, 1, 20) { Name = "shapes" }.WriteTo(folder["results/shapes"]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Every_format_is_written_beside_the_report()
    {
        var run = await Trainharness.Run(folder.Path, "report", "shapes", "--export", "tensorboard,mlperf,dawnbench,parquet");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("Exported 9 files: tensorboard,mlperf,dawnbench,parquet.", run.Error.Trim());
        string[] files =
        [
            "alexnet.sgd-step6/seed-1/events.out.tfevents.trainharness",
            "network1.sgd-smooth6/seed-1/mlperf.log",
            "dawnbench/network1.sgd-smooth6.seed-1.tsv",
            "dawnbench/network1.sgd-smooth6.seed-1.json",
            "evaluations.parquet",
            "efficiency.csv",
        ];
        Assert.All(files, file => Assert.True(new FileInfo(folder[$"results/shapes/{file}"]).Length > 0, file));
        Assert.Equal("PAR1"u8, File.ReadAllBytes(folder["results/shapes/evaluations.parquet"])[^4..]);
    }

    [Fact]
    public async Task Without_the_switch_none_is_written()
    {
        await Trainharness.Run(folder.Path, "report", "shapes");
        Assert.Empty(Directory.EnumerateFiles(folder["results/shapes"], "events*", SearchOption.AllDirectories));
        Assert.False(File.Exists(folder["results/shapes/evaluations.parquet"]));
    }

    [Fact]
    public async Task Events_are_those_of_the_evaluations_and_no_step_stands_twice()
    {
        const string Id = "network1.sgd-smooth6/seed-1";
        await Trainharness.Run(folder.Path, "report", "shapes", "--export", "tensorboard");
        // A second time, as after a trial that was resumed and reported again.
        await Trainharness.Run(folder.Path, "report", "shapes", "--export", "tensorboard");
        var file = Assert.Single(Directory.EnumerateFiles(folder[$"results/shapes/{Id}"], "*tfevents*"));
        List<Event> events = [.. Records(File.ReadAllBytes(file)).Select(Event.Parser.ParseFrom)];
        var trial = new ResultStore(folder["results/shapes"]).Read(Id)!;
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal(trial.Evaluations.Select(evaluation => evaluation.Step), events.Skip(1).Select(point => point.Step));
        Assert.Equal(events.Select(point => point.WallTime).Order(), events.Select(point => point.WallTime));
        string[] tags =
        [
            "evaluation/loss",
            "evaluation/top1",
            "spent/trainingTeraMacs",
            "spent/examples",
            "spent/epochs",
            "spent/seconds",
            "spent/joules",
        ];
        Assert.All(events.Skip(1), point => Assert.Equal(tags, point.Summary.Value.Select(value => value.Tag)));
        Assert.Equal(
            trial.Evaluations.Select(evaluation => (float)evaluation.Metrics["top1"]),
            events.Skip(1).Select(point => point.Summary.Value.Single(value => value.Tag == "evaluation/top1").SimpleValue)
        );
    }

    [Fact]
    public async Task An_unknown_format_is_refused_before_anything_is_written()
    {
        var run = await Trainharness.Run(folder.Path, "report", "shapes", "--export", "wandb");
        Assert.Equal(
            (2, "--export: unknown format 'wandb'; allowed: tensorboard, mlperf, dawnbench, parquet."),
            (run.ExitCode, run.Error.Trim())
        );
        Assert.False(File.Exists(folder["results/shapes/report.md"]));
    }

    // TFRecord, by its specification: length, its masked sum, the data, its masked sum.
    private static IEnumerable<byte[]> Records(byte[] file)
    {
        var place = 0;
        while (place < file.Length)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(place));
            RequireSum(file[place..(place + 8)], file.AsSpan(place + 8, 4));
            var data = file[(place + 12)..(place + 12 + length)];
            RequireSum(data, file.AsSpan(place + 12 + length, 4));
            yield return data;
            place += 12 + length + 4;
        }
    }

    private static void RequireSum(byte[] data, ReadOnlySpan<byte> stored)
    {
        var rotated = unchecked(BinaryPrimitives.ReadUInt32LittleEndian(stored) - 0xa282ead8);
        Assert.Equal(Castagnoli(data), (rotated >> 17) | (rotated << 15));
    }

    // Bit by bit, by the polynomial of RFC 3720.
    private static uint Castagnoli(byte[] data)
    {
        var sum = 0xFFFFFFFFu;
        foreach (var letter in data)
        {
            sum ^= letter;
            for (var bit = 0; bit < 8; bit++)
                sum = (sum & 1) == 1 ? (sum >> 1) ^ 0x82F63B78 : sum >> 1;
        }

        return ~sum;
    }

    [Fact]
    public void The_sum_of_these_tests_is_that_of_the_standard() => Assert.Equal(0xE3069283, Castagnoli("123456789"u8.ToArray()));
}
