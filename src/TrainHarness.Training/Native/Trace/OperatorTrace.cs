using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native.Trace;

/// <summary>
/// Every operator that libtorch ran while some work was done, forward and backward, whoever called it: what PyTorch calls an execution
/// trace (torch/csrc/profiler/standalone/execution_trace_observer.cpp). TorchSharp binds no profiler.
/// </summary>
/// <remarks>C++ functions by their names in libtorch for Linux. libtorch writes the trace to a file, as JSON.</remarks>
internal sealed unsafe partial class OperatorTrace : IDisposable
{
    private const string AddSymbol =
        "_ZN5torch8profiler4impl25addExecutionTraceObserverERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";
    private const string EnableSymbol = "_ZN5torch8profiler4impl28enableExecutionTraceObserverEv";
    private const string DisableSymbol = "_ZN5torch8profiler4impl29disableExecutionTraceObserverEv";
    private const string RemoveSymbol = "_ZN5torch8profiler4impl28removeExecutionTraceObserverEv";
    private const string LogLevelSymbol = "FLAGS_caffe2_log_level";
    private const int ErrorsAlone = 2;

    // libtorch has one observer for the whole process.
    private static readonly Lock Observer = new();
    private static readonly Lazy<string?> Tried = new(Try);

    private readonly JsonDocument document;

    private OperatorTrace(JsonDocument document)
    {
        this.document = document;
        Operators = [.. document.RootElement.GetProperty("nodes").EnumerateArray().Select(Read).OrderBy(node => node.Id)];
    }

    /// <summary>Why the loaded libtorch gives no trace, or none that can be read; null where it does.</summary>
    public static string? Problem => Tried.Value;

    /// <summary>In the order in which they began, of all threads of the process.</summary>
    public IReadOnlyList<RecordedOperator> Operators { get; }

    /// <summary>
    /// Does the work and records it. No other thread may begin or end an operator at that time that this one does not wait for.
    /// </summary>
    /// <exception cref="NotSupportedException">See <see cref="Problem"/>.</exception>
    public static OperatorTrace Of(Action work) => Problem is null ? Record(work) : throw new NotSupportedException(Problem);

    public void Dispose() => document.Dispose();

    private static OperatorTrace Record(Action work)
    {
        lock (Observer)
        {
            using var file = new MemoryFile("trainharness-operators");
            var logLevel = (int*)LoadedLibraries.Export("c10", LogLevelSymbol);
            var before = *logLevel;
            // It tells of itself with a warning.
            *logLevel = Math.Max(before, ErrorsAlone);
            try
            {
                if (!Add(file.Path))
                    throw new IOException("libtorch could not open a file for the operators that it runs.");
                try
                {
                    Enable();
                    work();
                    Disable();
                }
                finally
                {
                    Remove();
                }
            }
            finally
            {
                *logLevel = before;
            }

            return new OperatorTrace(JsonDocument.Parse(file.Read()));
        }
    }

    // A std::string of the C++11 ABI is where its letters are, how many there are, and room for short ones.
    private static bool Add(string path)
    {
        var letters = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* start = letters)
        {
            var text = stackalloc nint[4];
            (text[0], text[1], text[2]) = ((nint)start, letters.Length - 1, letters.Length - 1);
            return Add(text) != 0;
        }
    }

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux())
            return "the operators that libtorch runs can be seen on Linux only";
        if (StringAbi.Problem(symbol => LoadedLibraries.Export("c10", symbol) != 0) is { } abi)
            return abi;
        string[] missing =
        [
            .. new[] { AddSymbol, EnableSymbol, DisableSymbol, RemoveSymbol }.Where(symbol => !LoadedLibraries.Exports(symbol)),
        ];
        if (missing.Length > 0 || LoadedLibraries.Export("c10", LogLevelSymbol) == 0)
            return $"this libtorch does not show the operators that it runs: it lacks "
                + $"{string.Join(", ", missing.DefaultIfEmpty(LogLevelSymbol))}";
        try
        {
            using var trace = Record(Sample);
            return IsRight(trace) ? null : "what this libtorch says of the operators that it runs is written otherwise than is known";
        }
        catch (Exception error)
            when (error
                    is IOException
                        or JsonException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or IndexOutOfRangeException
                        or FormatException
            )
        {
            return $"what this libtorch says of the operators that it runs cannot be read: {error.Message}";
        }
    }

    private static void Sample()
    {
        using var scope = NewDisposeScope();
        using var withGradients = enable_grad();
        using var images = zeros(2, 3, 9, 7);
        using var kernels = zeros(4, 3, 5, 3, requires_grad: true);
        nn.functional.conv2d(images, kernels, strides: [2, 1], padding: [1, 0]).sum().backward();
    }

    /// <summary>What was sampled, and its gradient, which need not be computed for the images.</summary>
    private static bool IsRight(OperatorTrace trace)
    {
        var forward = trace.Operators.LastOrDefault(one =>
            one.Name == "aten::convolution" && one.Shape(1) is [4, 3, 5, 3] && one.Shape(0) is [2, 3, 9, 7]
        );
        var backward = trace.Operators.LastOrDefault(one => one.Name == "aten::convolution_backward" && one.Shape(2) is [4, 3, 5, 3]);
        return forward is { IsOperator: true }
            && forward.Integers(3) is [2, 1]
            && !forward.Flag(6)
            && forward.OutputShape(0) is [2, 4, 4, 5]
            && backward is { IsOperator: true }
            && backward.Shape(0) is [2, 4, 4, 5]
            && backward.Flags(10) is [false, true, false]
            && trace.Operators.Any(one => !one.IsOperator && one.Sequence == forward.Sequence && forward.Sequence >= 0);
    }

    private static RecordedOperator Read(JsonElement node)
    {
        var attributes = node.GetProperty("attrs")
            .EnumerateArray()
            .ToDictionary(one => one.GetProperty("name").GetString()!, one => one.GetProperty("value"));
        return new RecordedOperator(
            node.GetProperty("id").GetInt64(),
            node.GetProperty("ctrl_deps").GetInt64(),
            node.GetProperty("name").GetString()!,
            attributes["op_schema"].GetString()!.Length > 0,
            attributes["tid"].GetInt64(),
            attributes["fw_tid"].GetInt64(),
            attributes["seq_id"].GetInt64(),
            node
        );
    }

    [LibraryImport(LibtorchApi.Library, EntryPoint = AddSymbol)]
    private static partial byte Add(nint* path);

    [LibraryImport(LibtorchApi.Library, EntryPoint = EnableSymbol)]
    private static partial void Enable();

    [LibraryImport(LibtorchApi.Library, EntryPoint = DisableSymbol)]
    private static partial void Disable();

    [LibraryImport(LibtorchApi.Library, EntryPoint = RemoveSymbol)]
    private static partial void Remove();
}
