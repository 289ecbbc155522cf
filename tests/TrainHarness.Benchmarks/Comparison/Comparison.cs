using System.Text;
using System.Text.Json;
using TrainHarness.Results;

namespace TrainHarness.Benchmarks.Comparison;

/// <summary>Trains the same network by the engine and by Python's PyTorch, in turns, after it has seen that they do the same.</summary>
internal sealed class Comparison(ComparisonRequest request) : IDisposable
{
    private const string Us = "TrainHarness";

    private static readonly JsonSerializerOptions Line = new(ResultsJson.Options) { WriteIndented = false };

    private readonly string file = Path.Combine(Path.GetTempPath(), $"compare-{Guid.NewGuid():N}.work");

    public ComparisonResult Run(ComparedWork work)
    {
        using var ours = new Side(Us, HarnessCommand(), request.Allocator != Allocator.Default);
        // They load their libraries meanwhile.
        List<Side> started = [.. request.Pythons.Select(Start)];
        try
        {
            using var header = new MemoryStream(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(work, Line) + "\n"));
            var description = ours.Begin(header);
            List<SideResult> refused = [];
            List<(Side Side, SideDescription Description)> theirs = [];
            foreach (var side in started)
                Begin(side, work, description, theirs, refused);
            var seconds = TakeTurns([ours, .. theirs.Select(side => side.Side)]);
            return new ComparisonResult
            {
                Work = work,
                Allocator = request.Allocator,
                Ours = SideResult.Of(Us, description, seconds[0], seconds[0]),
                Theirs = [.. theirs.Select((side, index) => SideResult.Of(side.Side.Name, side.Description, seconds[index + 1], seconds[0])), .. refused],
            };
        }
        finally
        {
            started.ForEach(side => side.Dispose());
        }
    }

    public void Dispose() => File.Delete(file);

    private Side Start(string python) =>
        new(python, [.. python.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-c", File.ReadAllText(request.Script)], request.Allocator == Allocator.Keep);

    private void Begin(Side side, ComparedWork work, SideDescription ours, List<(Side Side, SideDescription Description)> theirs, List<SideResult> refused)
    {
        SideDescription? description = null;
        try
        {
            using var stream = File.OpenRead(file);
            description = side.Begin(stream);
            SameWork.Require(work.Precision, ours, description);
            theirs.Add((side, description));
        }
        catch (ComparisonRefusedException e)
        {
            refused.Add(SideResult.Refused(side.Name, description, e.Message));
        }
    }

    /// <returns>Seconds of one step, for each side and round.</returns>
    private double[][] TakeTurns(Side[] sides)
    {
        var steps = Math.Max(1, (int)Math.Round(request.TurnSeconds / sides[0].SecondsPerStep(1)));
        var seconds = sides.Select(_ => new double[request.Rounds]).ToArray();
        var random = new Random(1);
        var order = Enumerable.Range(0, sides.Length).ToArray();
        for (var round = 0; round < request.Rounds; round++)
        {
            // No side always follows the same one, and what drifts does not always meet the same one.
            random.Shuffle(order);
            foreach (var index in order)
            {
                // The first step finds the caches full of another's data.
                _ = sides[index].SecondsPerStep(1);
                seconds[index][round] = sides[index].SecondsPerStep(steps);
            }
        }

        return seconds;
    }

    private string[] HarnessCommand()
    {
        var program = Environment.ProcessPath!;
        // Under 'dotnet TrainHarness.Benchmarks.dll' the process is dotnet itself.
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [program, typeof(Comparison).Assembly.Location, CompareCommand.SideVerb, file]
            : [program, CompareCommand.SideVerb, file];
    }
}
