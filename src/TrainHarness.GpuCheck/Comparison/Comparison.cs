using System.Text;
using System.Text.Json;
using TrainHarness.Cli.Execution;
using TrainHarness.Results;
using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>Trains the same network by the engine and by Python's PyTorch, in turns, after it has seen that they do the same.</summary>
internal sealed class Comparison(ComparisonRequest request) : IDisposable
{
    private const string Us = "TrainHarness";

    // Read by compare-pytorch.py.
    private const string CompileVariable = "COMPARE_COMPILE";

    private static readonly JsonSerializerOptions Line = new(ResultsJson.Options) { WriteIndented = false };

    private readonly string file = Path.Combine(Path.GetTempPath(), $"compare-{Guid.NewGuid():N}.work");

    public ComparisonResult Run(ComparedWork work)
    {
        using var ours = new Side(Us, [.. Program, CompareCommand.SideVerb, file], StartOfOurs(work));
        // They load their libraries meanwhile.
        List<Candidate> started = [.. request.Pythons.SelectMany(python => (bool[])[false, .. work.Compile ? (bool[])[true] : []], Start)];
        try
        {
            using var header = new MemoryStream(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(work, Line) + "\n"));
            var description = ours.Begin(header);
            if (RightResults.Problem(work.Precision, description) is { } wrong)
                throw new ComparisonRefusedException($"{Us}, {work.Name}: {wrong}");
            foreach (var candidate in started)
                Begin(candidate, work, description);
            List<Candidate> theirs = [.. started.Where(candidate => candidate.Refusal is null)];
            var seconds = TakeTurns([ours, .. theirs.Select(candidate => candidate.Side)]);
            return new ComparisonResult
            {
                Work = work,
                Allocator = request.Allocator,
                Ours = SideResult.Of(Us, description, seconds[0], seconds[0]),
                Theirs =
                [
                    .. theirs.Select(
                        (candidate, index) =>
                            SideResult.Of(candidate.Name, candidate.Description!, seconds[index + 1], seconds[0]) with
                            {
                                IsCompiled = candidate.IsCompiled,
                            }
                    ),
                    .. started
                        .Where(candidate => candidate.Refusal is not null)
                        .Select(candidate =>
                            SideResult.Refused(candidate.Name, candidate.Description, candidate.Refusal!) with
                            {
                                IsCompiled = candidate.IsCompiled,
                            }
                        ),
                ],
            };
        }
        finally
        {
            started.ForEach(candidate => candidate.Side.Dispose());
        }
    }

    public void Dispose() => File.Delete(file);

    /// <summary>A Python, and what became of it.</summary>
    private sealed class Candidate(string python, bool isCompiled, Side side)
    {
        public string Python => python;

        public bool IsCompiled => isCompiled;

        public Side Side { get; set; } = side;

        public string Name { get; set; } = python + (isCompiled ? " with torch.compile" : "");

        public SideDescription? Description { get; set; }

        public string? Refusal { get; set; }
    }

    private Candidate Start(string python, bool isCompiled) => new(python, isCompiled, StartPython(python, isCompiled, _ => { }));

    private Side StartPython(string python, bool isCompiled, Action<IDictionary<string, string?>> environment) =>
        new(python, [.. python.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-c", File.ReadAllText(request.Script)], variables =>
        {
            if (request.Allocator == Allocator.Keep)
                MemoryAllocator.Choose(variables);
            variables[CompileVariable] = isCompiled ? "1" : "0";
            environment(variables);
        });

    /// <summary>As a study run starts a trial: what allocates, how threads wait, and which kernels are right here.</summary>
    private Action<IDictionary<string, string?>> StartOfOurs(ComparedWork work)
    {
        var kernels =
            work.Device == "cpu" && KernelComparison.IsNeeded
                ? KernelComparison.Of(Checked(work), Program, () => { }, CancellationToken.None).Kernels
                : null;
        var wait = work.Device == "cpu" ? WaitPolicy.Now() : null;
        return variables =>
        {
            if (request.Allocator != Allocator.Default)
                MemoryAllocator.Choose(variables);
            wait?.Choose(variables);
            if (kernels is not null)
                ConvolutionKernels.Hand(variables, kernels);
        };
    }

    // Of another width the layers are others; the first step in double precision looks at those.
    private static KernelCheckRequest Checked(ComparedWork work) =>
        new()
        {
            Architecture = work.Architecture,
            Classes = work.Classes,
            ImageSize = work.ImageSize,
            AuxiliaryHeads = false,
            DropPath = null,
            Precision = work.Precision,
            MemoryFormat = work.MemoryFormat,
            TrainingBatches = [work.Batch],
            EvaluationBatches = [],
            Threads = work.Threads,
        };

    private void Begin(Candidate candidate, ComparedWork work, SideDescription ours)
    {
        try
        {
            candidate.Description = Describe(candidate.Side);
            if (RightResults.Problem(work.Precision, candidate.Description) is { } wrong)
                candidate.Description = DescribeNarrower(candidate, work, wrong);
            SameWork.Require(work.Precision, ours, candidate.Description);
        }
        catch (ComparisonRefusedException e)
        {
            candidate.Refusal = e.Message;
        }
    }

    /// <summary>
    /// Only where a Python as it comes computes wrongly is it started otherwise than its users start it, and its name then says so.
    /// </summary>
    private SideDescription DescribeNarrower(Candidate candidate, ComparedWork work, string wrong)
    {
        if (work.Device != "cpu")
            throw new ComparisonRefusedException(wrong);
        candidate.Side.Dispose();
        candidate.Side = StartPython(candidate.Python, candidate.IsCompiled, variables =>
            variables[ConvolutionKernels.OneDnnVariables[0]] = KernelSet.Avx.MaxIsa
        );
        candidate.Name += $", oneDNN kept to AVX (as it comes {wrong})";
        var description = Describe(candidate.Side);
        return RightResults.Problem(work.Precision, description) is { } still ? throw new ComparisonRefusedException(still) : description;
    }

    private SideDescription Describe(Side side)
    {
        using var stream = File.OpenRead(file);
        return side.Begin(stream);
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

    // Under 'dotnet TrainHarness.GpuCheck.dll' the process is dotnet itself.
    private static IReadOnlyList<string> Program { get; } =
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
            ? [Environment.ProcessPath!, typeof(Comparison).Assembly.Location]
            : [Environment.ProcessPath!];
}
