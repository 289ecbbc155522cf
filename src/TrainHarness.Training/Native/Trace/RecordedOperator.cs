using System.Text.Json;

namespace TrainHarness.Training.Native.Trace;

/// <summary>One run of an operator, or of a step of the backward pass, as libtorch recorded it.</summary>
/// <param name="Id">In the order in which they began.</param>
/// <param name="Parent">Within which it ran; a thread's own number where nothing did.</param>
/// <param name="Name">Without its overload: <c>aten::mm</c>.</param>
/// <param name="IsOperator">Whether libtorch's dispatcher ran it; steps of the backward pass and threads are recorded too.</param>
/// <param name="ForwardThread">For a step of the backward pass, the thread of the forward pass; otherwise 0.</param>
/// <param name="Sequence">Connects an operator with the step of the backward pass that it asks for; −1 where nothing does.</param>
/// <param name="Node">The rest, in libtorch's words.</param>
internal sealed record RecordedOperator(
    long Id,
    long Parent,
    string Name,
    bool IsOperator,
    long Thread,
    long ForwardThread,
    long Sequence,
    JsonElement Node
)
{
    /// <summary>Of a tensor that it took; empty for what is none.</summary>
    public long[] Shape(int input) => Numbers(Node.GetProperty("inputs").GetProperty("shapes")[input]);

    /// <summary>Of the tensors of a list that it took.</summary>
    public long[][] Shapes(int input) => [.. Node.GetProperty("inputs").GetProperty("shapes")[input].EnumerateArray().Select(Numbers)];

    /// <summary>How many elements lie between neighbours of each dimension.</summary>
    public long[] Strides(int input) => Numbers(Node.GetProperty("inputs").GetProperty("strides")[input]);

    /// <summary>Of a tensor that it gave.</summary>
    public long[] OutputShape(int output) => Numbers(Node.GetProperty("outputs").GetProperty("shapes")[output]);

    /// <summary>The number of a tensor that it took. One that is made in the place of another that is gone has the same.</summary>
    public long TensorId(int input) => Value(input)[0].GetInt64();

    /// <summary>The numbers of the tensors that it gave.</summary>
    public IEnumerable<long> OutputTensorIds =>
        Node.GetProperty("outputs")
            .GetProperty("types")
            .EnumerateArray()
            .Zip(Node.GetProperty("outputs").GetProperty("values").EnumerateArray())
            .Where(output => IsTensorType(output.First))
            .Select(output => output.Second[0].GetInt64());

    public int InputCount => Node.GetProperty("inputs").GetProperty("values").GetArrayLength();

    public bool Flag(int input) => Value(input).GetBoolean();

    public bool[] Flags(int input) => [.. Value(input).EnumerateArray().Select(flag => flag.GetBoolean())];

    /// <summary>A list of whole numbers that it took.</summary>
    public long[] Integers(int input) => Numbers(Value(input));

    public bool IsTensor(int input) => IsTensorType(Node.GetProperty("inputs").GetProperty("types")[input]);

    public bool IsList(int input) => Value(input).ValueKind == JsonValueKind.Array && !IsTensor(input);

    /// <summary>For people: <c>aten::mm [2,3] [3,5]</c>.</summary>
    public string Words =>
        string.Join(
            ' ',
            [
                Name,
                .. Enumerable
                    .Range(0, InputCount)
                    .Where(IsTensor)
                    .Select(Shape)
                    .Where(shape => shape.Length > 0)
                    .Select(shape => $"[{string.Join(',', shape)}]"),
            ]
        );

    private JsonElement Value(int input) => Node.GetProperty("inputs").GetProperty("values")[input];

    private static bool IsTensorType(JsonElement type) => type.GetString()!.StartsWith("Tensor", StringComparison.Ordinal);

    private static long[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetInt64())];
}
