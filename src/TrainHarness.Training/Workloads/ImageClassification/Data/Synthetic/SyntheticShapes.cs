using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Synthetic;

/// <summary>Shapes drawn from a seed: one class per shape, the same number of examples in each, the same pixels on every machine.</summary>
internal sealed class SyntheticShapes : IExampleSource
{
    private readonly string name;
    private readonly SyntheticDescription description;

    /// <exception cref="ConfigurationException">More classes than there are shapes, or no examples.</exception>
    public SyntheticShapes(string name, SyntheticDescription description)
    {
        this.name = name;
        this.description = description;
        Require("classes", description.Classes, Shape.All.Count);
        Require("training examples per class", description.TrainPerClass, 1_000_000);
        Require("validation examples per class", description.ValidationPerClass, 1_000_000);
    }

    public string Stamp =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Generator} {description.Classes} classes {description.TrainPerClass} training {description.ValidationPerClass} validation"
        );

    private string Generator =>
        string.Create(CultureInfo.InvariantCulture, $"synthetic shapes {ShapeScene.Version} seed {description.Seed}");

    public IReadOnlyList<ExampleEntry> List() =>
        [
            .. Entries(Split.Train, description.TrainPerClass)
                .Concat(Entries(Split.Validation, description.ValidationPerClass))
                .OrderBy(entry => entry.Name, StringComparer.Ordinal),
        ];

    public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen)
    {
        for (var i = 0; i < chosen.Count; i++)
        {
            var entry = chosen[i];
            yield return new PendingExample(i, (side, destination) => Render(entry, side, destination));
        }
    }

    // What identifies a drawn example is what it is drawn from: the generator, the seed and its own name.
    private ExampleContent Render(ExampleEntry entry, int side, Span<byte> destination)
    {
        var identity = SHA256.HashData(Encoding.UTF8.GetBytes($"{Generator} {entry.Name}"));
        ShapeScene.Draw(Shape.ByName(entry.ClassName), identity, side, destination);
        return new ExampleContent(0, identity);
    }

    private IEnumerable<ExampleEntry> Entries(Split split, int perClass) =>
        from shape in Shape.All.Take(description.Classes)
        from index in Enumerable.Range(0, perClass)
        select new ExampleEntry(
            split,
            shape.Name,
            string.Create(CultureInfo.InvariantCulture, $"{ImageLayout.FolderOf(split)}/{shape.Name}/{index:D7}"),
            0
        );

    private void Require(string what, int number, int largest)
    {
        if (number < 1 || number > largest)
            throw new ConfigurationException(
                string.Create(CultureInfo.InvariantCulture, $"{name}: {number} {what}; allowed: 1 to {largest}")
            );
    }
}
