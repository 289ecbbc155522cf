using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace TrainHarness.Protocol;

/// <summary>Writes the resolved study: complete, and readable by <see cref="StudyReader"/> without any other file.</summary>
public static class StudyWriter
{
    // To build one takes longer than to write a study with it.
    private static readonly ISerializer Serializer = new SerializerBuilder()
        .DisableAliases()
        .WithIndentedSequences()
        .WithEventEmitter(next => new OddLettersInQuotes(next))
        .Build();

    public static string ToYaml(Study study) => Serializer.Serialize(Lines(study));

    /// <summary>
    /// Keys and values of the resolved study, in the order of the file: texts, numbers, flags, lists, and mappings of them.
    /// </summary>
    internal static Dictionary<string, object?> Lines(Study study)
    {
        var lines = StudyFields.Resolved.Lines(study);
        // Those of the workload come after its name, or after the study's where it has none.
        var before = lines.Keys.TakeWhile(key => key is "name" or "workload").ToList();
        return new([
            .. lines.Where(line => before.Contains(line.Key)),
            .. study.Settings.Lines,
            .. lines.Where(line => !before.Contains(line.Key)),
        ]);
    }

    // YamlDotNet 18.1 writes a tab, or a space that is none of ASCII, as it is, which does not read back where it comes first or last.
    private sealed class OddLettersInQuotes(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (
                eventInfo.Source.Value is string text
                && text.Any(letter => char.IsControl(letter) || (char.IsWhiteSpace(letter) && letter != ' '))
            )
                eventInfo.Style = ScalarStyle.DoubleQuoted;
            base.Emit(eventInfo, emitter);
        }
    }
}
