namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>
/// Something of Python's that a pickle names. Only those that make data are known, and are done here; nothing is looked up by its name.
/// </summary>
internal sealed class PickledName
{
    private static readonly string[] ArrayModules = ["numpy.core.multiarray", "numpy._core.multiarray"];
    private static readonly string[] NumericModules = ["numpy.core.numeric", "numpy._core.numeric"];
    private static readonly string[] Builtins = ["__builtin__", "builtins"];

    private static readonly PickledName Array = new(_ => throw new InvalidDataException("it makes an array in another way than numpy's."));

    private static readonly Dictionary<(string Module, string Name), PickledName> Known = All();

    private readonly Func<object?[], object?> call;

    private PickledName(Func<object?[], object?> call) => this.call = call;

    /// <exception cref="InvalidDataException">It is not one of those that make data.</exception>
    public static PickledName Of(string module, string name) =>
        Known.TryGetValue((module, name), out var known)
            ? known
            : throw new InvalidDataException(
                $"it names {Printable(module)}.{Printable(name)}, which is not run; allowed: arrays of numpy."
            );

    public object? Call(object?[] arguments) => call(arguments);

    private static Dictionary<(string Module, string Name), PickledName> All()
    {
        Dictionary<(string Module, string Name), PickledName> all = new()
        {
            [("numpy", "ndarray")] = Array,
            [("numpy", "dtype")] = new(PickledType.Of),
            [("_codecs", "encode")] = new(arguments => Encoded(arguments)),
        };
        foreach (var module in ArrayModules)
        {
            all[(module, "_reconstruct")] = new(Reconstructed);
            all[(module, "scalar")] = new(arguments => Scalar(arguments));
        }

        foreach (var module in NumericModules)
            all[(module, "_frombuffer")] = new(PickledArray.OfBuffer);
        foreach (var module in Builtins)
        {
            foreach (var name in (string[])["bytes", "bytearray"])
                all[(module, name)] = new(arguments => Bytes(arguments));
        }

        return all;
    }

    private static PickledArray Reconstructed(object?[] arguments) =>
        arguments is [PickledName made, ..] && made == Array
            ? new PickledArray()
            : throw new InvalidDataException("it makes something else than an array.");

    private static long Scalar(object?[] arguments) =>
        arguments is [PickledType type, var content] && PickledText.Bytes(content) is { } bytes && bytes.Length == type.Bytes
            ? type.At(bytes.Span, 0)
            : throw new InvalidDataException("it has a number that is not one.");

    // Bytes as Python 3 writes them for Python 2.
    private static ReadOnlyMemory<byte>? Encoded(object?[] arguments) =>
        arguments is [string text, var encoding] && PickledText.Of(encoding) is "latin1" or "latin-1"
            ? PickledText.Bytes(text)
            : throw new InvalidDataException("it has bytes that are encoded in another way than latin1.");

    private static ReadOnlyMemory<byte> Bytes(object?[] arguments) =>
        arguments switch
        {
            [] => ReadOnlyMemory<byte>.Empty,
            [var content] when PickledText.Bytes(content) is { } bytes => bytes,
            _ => throw new InvalidDataException("it has bytes that are none."),
        };

    private static string Printable(string name) => string.Concat(name.Take(60).Select(letter => char.IsControl(letter) ? '?' : letter));
}
