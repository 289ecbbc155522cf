using System.Collections.ObjectModel;
using TrainHarness.Files;

namespace TrainHarness.Training.Workloads.ImageClassification.Data;

/// <summary>Where examples come from before they are packed; one implementation per kind of dataset.</summary>
internal interface IExampleSource
{
    /// <summary>Cheap identity on this machine: equal stamps mean that the source was not changed.</summary>
    string Stamp { get; }

    /// <summary>It was listed already, so that what is known then costs nothing.</summary>
    bool IsListed => false;

    /// <summary>Lines about how the source was read, where it could have been read otherwise; known once it was listed.</summary>
    IReadOnlyList<string> Remarks => [];

    /// <summary>How many files were not read, by reason; known once it was listed.</summary>
    IReadOnlyDictionary<string, int> PassedOver => ReadOnlyDictionary<string, int>.Empty;

    /// <summary>Every example, in ordinal order of name; each class has some in both splits.</summary>
    /// <exception cref="ConfigurationException">The source does not have that form.</exception>
    IReadOnlyList<ExampleEntry> List();

    /// <summary>The chosen examples, each once, in the order that is cheapest to read; lazily, so that memory stays bounded.</summary>
    IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen);
}

/// <summary>One example of a source.</summary>
/// <param name="Name">Relative name with '/' separators: <c>train/CLASS/FILE</c> or <c>val/CLASS/FILE</c>.</param>
/// <param name="Length">Bytes before decoding.</param>
internal sealed record ExampleEntry(Split Split, string ClassName, string Name, long Length);

/// <summary>An example that is ready to be made into pixels.</summary>
/// <param name="Index">Its position among the chosen.</param>
internal sealed record PendingExample(int Index, ExampleRender Render);

/// <summary>Writes 3 × side × side bytes, red plane first, and tells what they were made from.</summary>
/// <exception cref="UndecodableImageException">The bytes are no image that can be decoded.</exception>
internal delegate ExampleContent ExampleRender(int side, Span<byte> destination);

/// <summary>Identity of an example before decoding.</summary>
internal readonly record struct ExampleContent(long Length, byte[] Sha256);
