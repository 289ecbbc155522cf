using Parquet.Schema;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>The columns of a shard that are read, by their paths.</summary>
/// <param name="Image">Encoded images.</param>
/// <param name="Path">Of the file that an image comes from; null where there is no such column.</param>
/// <param name="Label">Integers from 0.</param>
/// <param name="HasCoarseLabel">There is a second column of labels, which is not read.</param>
internal sealed record ShardColumns(string Image, string? Path, string Label, bool HasCoarseLabel)
{
    private static readonly string[] Images = ["image", "img"];
    private static readonly string[] Labels = ["label", "labels", "fine_label"];

    /// <exception cref="ConfigurationException">A column is missing, is twice there, or holds something else.</exception>
    public static ShardColumns Of(ParquetSchema schema, string shard)
    {
        var fields = schema.DataFields.ToLookup(field => field.Path.ToString(), StringComparer.Ordinal);
        var image = One(
            shard,
            Images,
            name => fields.Contains(name) || fields.Contains(name + "/bytes"),
            "an image: image or img, a structure of bytes and path or nothing but bytes"
        );
        var bytes = fields.Contains(image) ? image : image + "/bytes";
        var label = One(
            shard,
            Labels,
            name => schema.Fields.Any(field => field.Name == name),
            "a label: label, labels or fine_label, of integers"
        );
        Require(fields[bytes].First(), Kind.Bytes, shard);
        Require(fields[label].FirstOrDefault() ?? throw Wrong(shard, label, "lists", Kind.Integers), Kind.Integers, shard);
        var path = fields[image + "/path"].Any(field => KindOf(field) == Kind.Text) ? image + "/path" : null;
        return new ShardColumns(bytes, path, label, fields.Contains("coarse_label"));
    }

    public static DataField Field(ParquetSchema schema, string path) => schema.DataFields.First(field => field.Path.ToString() == path);

    private static string One(string shard, string[] names, Func<string, bool> isThere, string allowed)
    {
        string[] found = [.. names.Where(isThere)];
        return found.Length == 1
            ? found[0]
            : throw new ConfigurationException(
                found.Length == 0
                    ? $"{shard}: no column of {allowed[..allowed.IndexOf(':', StringComparison.Ordinal)]}; allowed: one column of {allowed}"
                    : $"{shard}: has the columns {found[0]} and {found[1]}; allowed: one column of {allowed}"
            );
    }

    private static void Require(DataField field, string kind, string shard)
    {
        if (KindOf(field) is var other && other != kind)
            throw Wrong(shard, field.Path.ToString().Replace('/', '.'), other, kind);
    }

    private static ConfigurationException Wrong(string shard, string column, string kind, string allowed) =>
        new($"{shard}: column {column} holds {kind}; allowed: {allowed}");

    private static string KindOf(DataField field)
    {
        if (field.MaxRepetitionLevel > 0)
            return "lists";
        var type = field.ClrType;
        if (type == typeof(ReadOnlyMemory<byte>) || type == typeof(byte[]))
            return Kind.Bytes;
        if (type == typeof(ReadOnlyMemory<char>) || type == typeof(string))
            return Kind.Text;
        if (IsInteger(type))
            return Kind.Integers;
        if (type == typeof(bool))
            return "truth values";
        return type == typeof(float) || type == typeof(double) || type == typeof(decimal) ? "fractions" : "neither numbers nor bytes";
    }

    private static bool IsInteger(Type type) => Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64 && !type.IsEnum;

    private static class Kind
    {
        public const string Bytes = "bytes";
        public const string Text = "text";
        public const string Integers = "integers";
    }
}
