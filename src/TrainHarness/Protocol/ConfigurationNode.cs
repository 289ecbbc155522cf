using System.Globalization;
using TrainHarness.Files;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace TrainHarness.Protocol;

/// <summary>
/// One node of a YAML file, read strictly: what is unknown, missing or of the wrong type is a
/// <see cref="ConfigurationException"/> that says where and what is allowed.
/// </summary>
public sealed class ConfigurationNode
{
    private const long LargestBytes = 4 << 20;

    // A study has five levels. The reader calls itself for each, and a stack that overflows ends the process.
    private const int DeepestLevel = 32;

    private readonly string file;
    private readonly YamlNode node;
    private readonly string name;

    private ConfigurationNode(string file, YamlNode node, string name)
    {
        this.file = file;
        this.node = node;
        this.name = name;
    }

    public bool IsMapping => node is YamlMappingNode;

    public bool IsScalar => node is YamlScalarNode;

    public static ConfigurationNode Load(string file)
    {
        var bytes = PlainFile.Read(file, LargestBytes) ?? throw new ConfigurationException($"{file}: no such file.");
        using var text = new StreamReader(new MemoryStream(bytes));
        return Parse(file, text.ReadToEnd());
    }

    /// <param name="file">Named in errors.</param>
    public static ConfigurationNode Parse(string file, string text)
    {
        var stream = new YamlStream();
        var parser = new Parser(new StringReader(text));
        try
        {
            RequirePlain(file, parser);
            stream.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            throw ConfigurationException.At(file, error.Start.Line, error.Start.Column, FirstSentence(error.Message));
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet 18.1 throws these, with no place in them, for some text that breaks off.
            var place = parser.Current?.End ?? Mark.Empty;
            throw ConfigurationException.At(file, place.Line, place.Column, "this is not YAML; a bracket or a quote may be open.");
        }

        if (stream.Documents.Count != 1)
            throw ConfigurationException.At(file, 1, 1, $"expected one YAML document, found {stream.Documents.Count}.");
        return new ConfigurationNode(file, stream.Documents[0].RootNode, Path.GetFileName(file));
    }

    // References to other nodes make much out of little; nothing here needs them.
    private static void RequirePlain(string file, Parser parser)
    {
        var level = 0;
        while (parser.MoveNext())
        {
            var current = parser.Current!;
            level += current.NestingIncrease;
            if (level > DeepestLevel)
                throw ConfigurationException.At(
                    file,
                    current.Start.Line,
                    current.Start.Column,
                    $"this is nested too deep; allowed: {DeepestLevel} levels."
                );
            if (current is NodeEvent { Tag.IsEmpty: false })
                throw ConfigurationException.At(
                    file,
                    current.Start.Line,
                    current.Start.Column,
                    "this has a tag, which would name its type; allowed: plain values."
                );
            if (current is AnchorAlias)
                throw ConfigurationException.At(
                    file,
                    current.Start.Line,
                    current.Start.Column,
                    "this refers to another place in the file; allowed: the values themselves."
                );
        }
    }

    /// <summary>Refuses any key that is not listed.</summary>
    public ConfigurationNode Allow(params IReadOnlyCollection<string> keys)
    {
        foreach (var key in Mapping().Children.Keys)
        {
            var text = (key as YamlScalarNode)?.Value;
            if (text is null || !keys.Contains(text))
                throw At(key, $"unknown key '{text ?? key.ToString()}' in {name}; {NearNames.Allowed(text ?? key.ToString(), keys)}");
        }

        return this;
    }

    public ConfigurationNode Required(string key) => Optional(key) ?? throw Error($"{name} lacks the key '{key}'.");

    public ConfigurationNode? Optional(string key)
    {
        foreach (var (child, value) in Mapping().Children)
        {
            if (child is YamlScalarNode { Value: { } text } && text == key)
                return new ConfigurationNode(file, value, $"'{key}'");
        }

        return null;
    }

    /// <summary>The keys of a mapping, in the order of the file.</summary>
    public IEnumerable<string> Keys() => Pairs().Select(pair => pair.Key);

    /// <summary>What is written here and below, as nobody has read it yet: texts, lists, and mappings of them.</summary>
    public object? Written() =>
        node switch
        {
            YamlMappingNode => Pairs().ToDictionary(pair => pair.Key, pair => pair.Value.Written()),
            YamlSequenceNode => Items().Select(item => item.Written()).ToList(),
            _ => Scalar().Value,
        };

    /// <summary>The keys of a mapping with their values, in the order of the file.</summary>
    public IEnumerable<(string Key, ConfigurationNode Value)> Pairs() =>
        Mapping()
            .Children.Select(pair =>
                (
                    (pair.Key as YamlScalarNode)?.Value ?? throw At(pair.Key, $"a key of {name} must be text."),
                    new ConfigurationNode(file, pair.Value, $"'{pair.Key}'")
                )
            );

    public string Text() => Scalar() is { Value: { Length: > 0 } text } ? text : throw Error($"{name} must be text, not empty.");

    public int Whole(int min, int max) => (int)Whole((long)min, max);

    public long Whole(long min, long max) =>
        Scalar() is { Style: ScalarStyle.Plain, Value: { } text }
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        && value >= min
        && value <= max
            ? value
            : throw Error(
                string.Create(CultureInfo.InvariantCulture, $"{name} is {Shown()}; allowed: a whole number from {min} to {max}.")
            );

    public double Number(double min, double max) =>
        Scalar() is { Style: ScalarStyle.Plain, Value: { } text }
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && value >= min
        && value <= max
            ? value
            : throw Error(string.Create(CultureInfo.InvariantCulture, $"{name} is {Shown()}; allowed: a number from {min} to {max}."));

    /// <summary>A number above zero.</summary>
    public double Positive(double max) => Number(double.Epsilon, max);

    public bool Flag() => Choice(("true", true), ("false", false));

    public T Choice<T>(params ReadOnlySpan<(string Text, T Value)> choices)
    {
        var text = Scalar().Value;
        var allowed = new List<string>();
        foreach (var choice in choices)
        {
            if (choice.Text == text)
                return choice.Value;
            allowed.Add(choice.Text);
        }

        throw Error($"{name} is {Shown()}; allowed: {string.Join(", ", allowed)}.");
    }

    public IReadOnlyList<ConfigurationNode> Items() =>
        node is YamlSequenceNode sequence
            ? [.. sequence.Children.Select(child => new ConfigurationNode(file, child, $"an item of {name}"))]
            : throw Error($"{name} must be a list: [a, b].");

    /// <summary>Exactly <paramref name="count"/> numbers.</summary>
    public IReadOnlyList<double> Numbers(int count, double min, double max)
    {
        var items = Items();
        return items.Count == count
            ? [.. items.Select(item => item.Number(min, max))]
            : throw Error($"{name} has {items.Count} items; allowed: {count}.");
    }

    /// <summary>The file that it stands in.</summary>
    public string File => file;

    /// <summary>Where it stands: <c>file:line:column</c>.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"{file}:{node.Start.Line}:{node.Start.Column}");

    /// <summary>An error at this node's place.</summary>
    public ConfigurationException Error(string message) => At(node, message);

    /// <summary>A path that is written relative to this file.</summary>
    public string PathText() => Path.GetFullPath(Text(), Path.GetDirectoryName(Path.GetFullPath(file))!);

    private static string FirstSentence(string message) => message.ReplaceLineEndings(" ");

    private YamlMappingNode Mapping() => node as YamlMappingNode ?? throw Error($"{name} must be a mapping of keys to values.");

    private YamlScalarNode Scalar() => node as YamlScalarNode ?? throw Error($"{name} must be a single value.");

    private string Shown() => $"'{(node as YamlScalarNode)?.Value}'";

    private ConfigurationException At(YamlNode place, string message) =>
        ConfigurationException.At(file, place.Start.Line, place.Start.Column, message);
}
