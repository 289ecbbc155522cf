using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TrainHarness.Training.Native.Libtorch;
using static TorchSharp.torch;

namespace TrainHarness.Training.Native.Trace;

/// <summary>
/// Looks at the name of every operator that libtorch runs on this thread while some work is done (ATen/record_function.h). A name costs
/// about a microsecond, so that it may be done in every step of a training, where an <see cref="OperatorTrace"/> would take too long.
/// </summary>
/// <remarks>C++ functions by their names in libtorch for Linux, which is asked for the ends of functions alone.</remarks>
/// <param name="isWanted">By name: <c>aten::mm</c>. Asked once for each.</param>
internal sealed unsafe partial class OperatorWatch(Func<string, bool> isWanted)
{
    private const string AddSymbol = "_ZN2at22addThreadLocalCallbackENS_22RecordFunctionCallbackE";
    private const string RemoveSymbol = "_ZN2at14removeCallbackEm";
    private const string NameSymbol = "_ZNK2at14RecordFunction4nameEv";
    private const string Operators = "aten::";

    private static readonly Lazy<string?> Tried = new(Try);

    [ThreadStatic]
    private static OperatorWatch? current;

    // The letters of an operator's name stay where they are.
    private readonly Dictionary<nint, bool> known = [];
    private string? found;

    /// <summary>Why the loaded libtorch does not show its operators so; null where it does.</summary>
    public static string? Problem => Tried.Value;

    /// <summary>Does the work.</summary>
    /// <returns>The first operator that is wanted; null where there was none.</returns>
    /// <exception cref="NotSupportedException">See <see cref="Problem"/>.</exception>
    public string? First(Action work) => Problem is null ? Watch(work) : throw new NotSupportedException(Problem);

    private string? Watch(Action work)
    {
        var (outer, callback) = (current, new Callback { End = (nint)(delegate* unmanaged<nint, nint, void>)&Ended, Probability = 1 });
        (current, found, callback.OfFunctions) = (this, null, 1);
        var handle = Add(callback);
        try
        {
            work();
        }
        finally
        {
            Remove(handle);
            current = outer;
        }

        return found;
    }

    [UnmanagedCallersOnly]
    private static void Ended(nint function, nint context) => current?.Look(Name(function));

    private void Look(byte* letters)
    {
        if (found is not null || (known.TryGetValue((nint)letters, out var wanted) && !wanted))
            return;
        var name = Marshal.PtrToStringUTF8((nint)letters)!;
        wanted = isWanted(name);
        if (wanted)
            found = name;
        else if (name.StartsWith(Operators, StringComparison.Ordinal))
            known[(nint)letters] = false;
    }

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux())
            return "the operators that libtorch runs can be seen on Linux only";
        string[] missing = [.. new[] { AddSymbol, RemoveSymbol, NameSymbol }.Where(symbol => !LoadedLibraries.Exports(symbol))];
        if (missing.Length > 0)
            return $"this libtorch does not show the operators that it runs: it lacks {string.Join(", ", missing)}";
        using var scope = NewDisposeScope();
        using var square = ones(2, 2);
        var watch = new OperatorWatch(name => name == "aten::mm");
        return watch.Watch(() => square.mul(square)) is null && watch.Watch(() => square.matmul(square)) == "aten::mm"
            ? null
            : "what this libtorch says of the operators that it runs is another than is known";
    }

    [LibraryImport(LibtorchApi.Library, EntryPoint = AddSymbol)]
    private static partial ulong Add(Callback callback);

    [LibraryImport(LibtorchApi.Library, EntryPoint = RemoveSymbol)]
    private static partial void Remove(ulong handle);

    [LibraryImport(LibtorchApi.Library, EntryPoint = NameSymbol)]
    private static partial byte* Name(nint function);

    /// <summary>
    /// at::RecordFunctionCallback: two functions, how often they are called, a flag for each kind of what is recorded, of which operators
    /// are the first, and what they ask for. Larger than that of any version, and zero behind: a structure of this size goes by the stack.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Callback
    {
        public nint Start;
        public nint End;
        public double Probability;
        public byte OfFunctions;
        private Rest rest;
    }

    [InlineArray(39)]
    private struct Rest
    {
        private byte first;
    }
}
