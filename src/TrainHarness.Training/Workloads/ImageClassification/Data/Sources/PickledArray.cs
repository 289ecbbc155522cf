using System.Buffers.Binary;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>What a pickle makes first and says the content of afterwards.</summary>
internal interface IPickledState
{
    /// <exception cref="InvalidDataException">It is no such content.</exception>
    void Set(object?[] state);
}

/// <summary>The type of the numbers in an array of numpy: integers of one to eight bytes, little-endian.</summary>
internal sealed class PickledType(bool isSigned, int bytes) : IPickledState
{
    public bool IsSigned => isSigned;

    public int Bytes => bytes;

    public static PickledType Of(object?[] arguments)
    {
        var name = (arguments.Length > 0 ? PickledText.Of(arguments[0]) : null)
            ?? throw new InvalidDataException("it has an array of no type.");
        return name.TrimStart('|', '<', '=') switch
        {
            "u1" => new PickledType(false, 1),
            "u2" => new PickledType(false, 2),
            "u4" => new PickledType(false, 4),
            "u8" => new PickledType(false, 8),
            "i1" => new PickledType(true, 1),
            "i2" => new PickledType(true, 2),
            "i4" => new PickledType(true, 4),
            "i8" => new PickledType(true, 8),
            _ => throw new InvalidDataException("it has an array of another type; allowed: integers."),
        };
    }

    // (version, order of bytes, …): the rest is of types that are made up of others.
    public void Set(object?[] state)
    {
        if (state.Length < 2 || PickledText.Of(state[1]) is not ("|" or "<" or "=") || state.Skip(2).Take(3).Any(part => part is not null))
            throw new InvalidDataException("it has an array of another type; allowed: little-endian integers.");
    }

    public long At(ReadOnlySpan<byte> numbers, int index)
    {
        var number = numbers.Slice(index * bytes, bytes);
        return bytes switch
        {
            1 => isSigned ? (sbyte)number[0] : number[0],
            2 => isSigned ? BinaryPrimitives.ReadInt16LittleEndian(number) : BinaryPrimitives.ReadUInt16LittleEndian(number),
            4 => isSigned ? BinaryPrimitives.ReadInt32LittleEndian(number) : BinaryPrimitives.ReadUInt32LittleEndian(number),
            _ => BinaryPrimitives.ReadInt64LittleEndian(number),
        };
    }
}

/// <summary>An array of numpy, row by row.</summary>
internal sealed class PickledArray : IPickledState
{
    private const int MaxSides = 8;

    public IReadOnlyList<long> Shape { get; private set; } = [0];

    public PickledType Type { get; private set; } = new(false, 1);

    /// <summary>As many bytes as shape and type say.</summary>
    public ReadOnlyMemory<byte> Content { get; private set; }

    /// <summary>Of the arguments of numpy's own <c>_frombuffer</c>: content, type, shape, order.</summary>
    public static PickledArray OfBuffer(object?[] arguments)
    {
        var array = new PickledArray();
        if (arguments is not [var content, PickledType type, object?[] shape, var order] || PickledText.Of(order) != "C")
            throw new InvalidDataException("it has an array that is not stored row by row.");
        array.Fill(shape, type, content);
        return array;
    }

    // (version, shape, type, is it stored column by column, content); the version was not always there.
    public void Set(object?[] state)
    {
        if (state is [long, _, _, _, _])
            state = state[1..];
        if (state is not [object?[] shape, PickledType type, var byColumn, var content] || byColumn is not (false or 0L))
            throw new InvalidDataException("it has an array that is not stored row by row.");
        Fill(shape, type, content);
    }

    public IEnumerable<long> Numbers()
    {
        for (var index = 0; index < Content.Length / Type.Bytes; index++)
            yield return Type.At(Content.Span, index);
    }

    private void Fill(object?[] shape, PickledType type, object? content)
    {
        var bytes = PickledText.Bytes(content) ?? throw new InvalidDataException("it has an array without content.");
        if (shape.Length > MaxSides)
            throw new InvalidDataException("it has an array of an impossible shape.");
        Int128 expected = type.Bytes;
        foreach (var side in shape)
        {
            if (side is not long length || length < 0 || length > int.MaxValue || expected > int.MaxValue)
                throw new InvalidDataException("it has an array of an impossible shape.");
            expected *= length;
        }

        if (expected != bytes.Length)
            throw new InvalidDataException($"it has an array of {bytes.Length} bytes whose shape takes {expected}.");
        (Shape, Type, Content) = ([.. shape.Cast<long>()], type, bytes);
    }
}
