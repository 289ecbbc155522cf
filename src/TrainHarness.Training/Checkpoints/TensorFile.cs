using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>
/// Tensors by name, whatever their order in memory and their device; TorchSharp's own Module.save refuses those in channels-last order. Of
/// each tensor the name, the type, the shape and the values, row by row; little-endian.
/// </summary>
public static class TensorFile
{
    public static void Save(IReadOnlyDictionary<string, Tensor> tensors, Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(tensors.Count);
        foreach (var (name, tensor) in tensors)
        {
            using var scope = NewDisposeScope();
            writer.Write(name);
            writer.Write(Description(tensor));
            writer.Write(tensor.detach().cpu().contiguous().bytes);
        }
    }

    /// <summary>
    /// Fills the tensors in place: each keeps its order in memory and its device. Nothing that the file declares decides what is allocated.
    /// </summary>
    /// <exception cref="InvalidDataException">The file holds other names, types or shapes, or ends early.</exception>
    public static void Load(IReadOnlyDictionary<string, Tensor> tensors, Stream stream)
    {
        using var noGradient = no_grad();
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        try
        {
            if (reader.ReadInt32() is var count && count != tensors.Count)
                throw new InvalidDataException($"{count} tensors where {tensors.Count} are expected.");
            // In the order of the network, which is the order of the file: every name comes once.
            foreach (var (name, tensor) in tensors)
                Load(name, tensor, reader);
        }
        catch (Exception error) when (error is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("The file ends in the middle of a tensor.", error);
        }
    }

    private static void Load(string name, Tensor tensor, BinaryReader reader)
    {
        using var scope = NewDisposeScope();
        RequireText(reader, name, $"'{name}' is expected and not there.");
        RequireText(reader, Description(tensor), $"'{name}' has another shape or type.");
        var values = empty(tensor.shape, tensor.dtype);
        reader.BaseStream.ReadExactly(values.bytes);
        tensor.copy_(values);
    }

    // Reads no more than what is expected.
    private static void RequireText(BinaryReader reader, string expected, string otherwise)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(expected);
        if (reader.Read7BitEncodedInt() != bytes.Length || !reader.ReadBytes(bytes.Length).AsSpan().SequenceEqual(bytes))
            throw new InvalidDataException(otherwise);
    }

    private static string Description(Tensor tensor) => FormattableString.Invariant($"{tensor.dtype} {string.Join('x', tensor.shape)}");
}
