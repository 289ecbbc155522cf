using TorchSharp;
using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>Tensors by name, whatever their order in memory and their device; TorchSharp's own Module.save refuses those in channels-last order.</summary>
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
            tensor.detach().cpu().contiguous().Save(writer);
        }
    }

    /// <summary>Fills the tensors in place: each keeps its order in memory and its device.</summary>
    /// <exception cref="InvalidDataException">The file holds other names or shapes.</exception>
    public static void Load(IReadOnlyDictionary<string, Tensor> tensors, Stream stream)
    {
        using var noGradient = no_grad();
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        if (reader.ReadInt32() is var count && count != tensors.Count)
            throw new InvalidDataException($"{count} tensors where {tensors.Count} are expected.");
        for (var index = 0; index < count; index++)
        {
            using var scope = NewDisposeScope();
            var name = reader.ReadString();
            if (!tensors.TryGetValue(name, out var tensor))
                throw new InvalidDataException($"Nothing is named '{name}'.");
            var saved = Tensor.Load(reader);
            if (!saved.shape.AsSpan().SequenceEqual(tensor.shape) || saved.dtype != tensor.dtype)
                throw new InvalidDataException($"'{name}' has another shape or type.");
            tensor.copy_(saved);
        }
    }
}
