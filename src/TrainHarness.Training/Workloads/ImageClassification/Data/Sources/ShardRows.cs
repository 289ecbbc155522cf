using System.Numerics;
using Parquet;
using Parquet.Schema;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>
/// The cells of one column in one group of rows. Which are null is read from the levels beside the values: what Parquet.Net 6.1 makes of a
/// column of nothing but nulls is whatever its buffer held before, and statistics are there or not.
/// </summary>
internal static class ShardRows
{
    // A footer may claim anything; real shards have some thousand rows in groups of about a hundred.
    private const long LargestRowGroup = 1_000_000;

    // No cell of a file is one of these two objects.
    private static readonly char[] NoText = ['?'];
    private static readonly byte[] NoBytes = [0];

    public static int Count(ParquetRowGroupReader rows) =>
        rows.RowCount is >= 0 and <= LargestRowGroup
            ? (int)rows.RowCount
            : throw new InvalidDataException($"a row group claims {rows.RowCount} rows; at most {LargestRowGroup} are read.");

    /// <summary>Labels of any width; null where there is none, and too large for a label where it does not fit.</summary>
    public static Task<Int128?[]> Labels(ParquetRowGroupReader rows, DataField field) =>
        Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.SByte => Integers<sbyte>(rows, field),
            TypeCode.Byte => Integers<byte>(rows, field),
            TypeCode.Int16 => Integers<short>(rows, field),
            TypeCode.UInt16 => Integers<ushort>(rows, field),
            TypeCode.Int32 => Integers<int>(rows, field),
            TypeCode.UInt32 => Integers<uint>(rows, field),
            TypeCode.Int64 => Integers<long>(rows, field),
            TypeCode.UInt64 => Integers<ulong>(rows, field),
            _ => throw new InvalidDataException("its labels are no integers."),
        };

    public static Task<string?[]> Texts(ParquetRowGroupReader rows, DataField field) =>
        Objects<ReadOnlyMemory<char>, string?>(rows, field, NoText, text => text.ToString());

    public static Task<byte[]?[]> Bytes(ParquetRowGroupReader rows, DataField field) =>
        Objects<ReadOnlyMemory<byte>, byte[]?>(rows, field, NoBytes, bytes => bytes.ToArray());

    // Parquet.Net 6.1 leaves out what a page does not hold, and says nothing: what is not read is what was there before.
    private static async Task<Int128?[]> Integers<T>(ParquetRowGroupReader rows, DataField field)
        where T : struct, IBinaryInteger<T>
    {
        var (values, levels) = await Raw(rows, field, T.Zero);
        var (again, _) = await Raw(rows, field, T.AllBitsSet);
        var there = There(levels, field);
        return values.AsSpan(0, there).SequenceEqual(again.AsSpan(0, there))
            ? Spread<T, Int128?>(values, levels, field, number => Int128.CreateChecked(number))
            : throw Short(field);
    }

    private static async Task<TCell[]> Objects<T, TCell>(ParquetRowGroupReader rows, DataField field, T unread, Func<T, TCell> cell)
        where T : struct, IEquatable<T>
    {
        var (values, levels) = await Raw(rows, field, unread);
        return values.AsSpan(0, There(levels, field)).Contains(unread) ? throw Short(field) : Spread(values, levels, field, cell);
    }

    private static int There(int[] levels, DataField field) => levels.Count(level => level == field.MaxDefinitionLevel);

    private static TCell[] Spread<T, TCell>(T[] values, int[] levels, DataField field, Func<T, TCell> cell)
    {
        var cells = new TCell[levels.Length];
        for (int row = 0, next = 0; row < cells.Length; row++)
        {
            if (levels[row] == field.MaxDefinitionLevel)
                cells[row] = cell(values[next++]);
        }

        return cells;
    }

    /// <returns>The values that are there, one after the other, and the level of each row.</returns>
    private static async Task<(T[] Values, int[] Levels)> Raw<T>(ParquetRowGroupReader rows, DataField field, T unread)
        where T : struct
    {
        const int none = -1;
        var count = Count(rows);
        if (rows.GetMetadata(field)?.MetaData?.NumValues != count)
            throw Short(field);
        var (values, levels) = (new T[count], new int[count]);
        Array.Fill(values, unread);
        if (field.MaxDefinitionLevel == 0)
        {
            await rows.ReadRawAsync<T>(field, values, null, null);
            return (values, levels);
        }

        Array.Fill(levels, none);
        await rows.ReadRawAsync<T>(field, values, levels, null);
        return levels.Contains(none) ? throw Short(field) : (values, levels);
    }

    private static InvalidDataException Short(DataField field) =>
        new($"column {field.Path.ToString().Replace('/', '.')} has not as many cells as there are rows.");
}
