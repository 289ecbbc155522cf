using System.Numerics;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace TrainHarness.Training.Data;

/// <summary>
/// The cells of one column in one group of rows. Which are null is read from the levels beside the values: what Parquet.Net 6.1 makes of a
/// column of nothing but nulls is whatever its buffer held before, and statistics are there or not.
/// </summary>
internal static class ShardRows
{
    // A footer may claim anything; real shards have some thousand rows in groups of about a hundred.
    private const long LargestRowGroup = 1_000_000;

    public static int Count(ParquetRowGroupReader rows) => rows.RowCount is >= 0 and <= LargestRowGroup
        ? (int)rows.RowCount
        : throw new InvalidDataException($"a row group claims {rows.RowCount} rows; at most {LargestRowGroup} are read.");

    /// <summary>Labels of any width; null where there is none, and too large for a label where it does not fit.</summary>
    public static Task<Int128?[]> Labels(ParquetRowGroupReader rows, DataField field) => Type.GetTypeCode(field.ClrType) switch
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
        Cells<ReadOnlyMemory<char>, string?>(rows, field, text => text.ToString());

    public static Task<byte[]?[]> Bytes(ParquetRowGroupReader rows, DataField field) =>
        Cells<ReadOnlyMemory<byte>, byte[]?>(rows, field, bytes => bytes.ToArray());

    private static Task<Int128?[]> Integers<T>(ParquetRowGroupReader rows, DataField field)
        where T : struct, IBinaryInteger<T> => Cells<T, Int128?>(rows, field, number => Int128.CreateChecked(number));

    private static async Task<TCell[]> Cells<T, TCell>(ParquetRowGroupReader rows, DataField field, Func<T, TCell> cell)
        where T : struct
    {
        int count = Count(rows);
        if (rows.GetMetadata(field)?.MetaData?.NumValues != count)
            throw new InvalidDataException($"column {field.Path.ToString().Replace('/', '.')} has not as many cells as there are rows.");
        using var raw = (RawColumnData<T>)await rows.ReadRawColumnDataBaseAsync(field);
        return Spread(raw, count, field.MaxDefinitionLevel, cell);
    }

    private static TCell[] Spread<T, TCell>(RawColumnData<T> raw, int count, int depth, Func<T, TCell> cell)
        where T : struct
    {
        var values = raw.Values;
        var levels = depth == 0 ? default : raw.DefinitionLevels;
        var cells = new TCell[count];
        int next = 0;
        for (int row = 0; row < count; row++)
        {
            if (depth == 0 || levels[row] == depth)
                cells[row] = cell(values[next++]);
        }

        return cells;
    }
}
