using CsCheck;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Packs;

/// <summary>Whatever a source holds, its pack holds.</summary>
public sealed class PackPropertyTests : IDisposable
{
    private static readonly Gen<string> ClassNames = Gen.Char["abcXYZ019 ._-\"\\{}é中\t"]
        .Array[1, 8]
        .Select(letters => new string(letters));

    // Of each class some examples for training and some for validation.
    private static readonly Gen<DrawnSource> Sources = Gen.Select(
        ClassNames.HashSet[1, 5],
        Gen.Int[1, 4],
        Gen.Int[1, 3],
        Gen.Int[1, 20],
        Gen.Int,
        (classes, train, validation, side, seed) =>
            new DrawnSource([.. classes.Order(StringComparer.Ordinal)], train, validation, side, seed)
    );

    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_packed_is_what_is_read() =>
        Sources.Sample(
            source =>
            {
                var path = Path.Combine(folder, "drawn.pack");
                var plan = PackPlan.For(source, "drawn", "a drawn source", Subset.Everything, source.Side);
                Assert.Empty(new PackWriter(plan, allowUnreadable: 0, progress: null, TestContext.Current.CancellationToken).Write(path));
                using var pack = DatasetPack.Open(
                    path,
                    plan.Header.SourceStamp,
                    verify: true,
                    progress: null,
                    TestContext.Current.CancellationToken
                );
                Assert.Equal(source.Classes, pack.Header.ClassNames);
                foreach (var split in Enum.GetValues<Split>())
                {
                    var expected = source
                        .List()
                        .Where(example => example.Split == split)
                        .OrderBy(example => example.Name, StringComparer.Ordinal)
                        .ToList();
                    Assert.Equal(
                        expected.Select(example => example.ClassName),
                        pack.Labels(split).ToArray().Select(label => pack.Header.ClassNames[label])
                    );
                    Assert.All(expected, (example, index) => Assert.Equal(source.Pixels(example.Name), pack.Planes(split, index)));
                }
            },
            iter: 100,
            threads: 1
        );

    [Theory]
    [InlineData(
        typeof(IOException),
        typeof(ConfigurationException),
        "a drawn source: Train/a/1 cannot be read: it broke; nothing was packed"
    )]
    [InlineData(
        typeof(UnauthorizedAccessException),
        typeof(ConfigurationException),
        "a drawn source: Train/a/1 cannot be read: it broke; nothing was packed"
    )]
    [InlineData(
        typeof(OutOfMemoryException),
        typeof(InsufficientMemoryException),
        "a drawn source: Train/a/1 takes more memory than there is, with "
    )]
    public void An_example_that_cannot_be_had_is_named_and_nothing_stays(Type breaks, Type expected, string message)
    {
        var source = new DrawnSource(["a", "b"], 3, 2, 8, 1)
        {
            Broken = name => name == "Train/a/1" ? (Exception)Activator.CreateInstance(breaks, "it broke")! : null,
        };
        var plan = PackPlan.For(source, "drawn", "a drawn source", Subset.Everything, source.Side);
        var error = Assert.Throws(expected, () =>
        {
            new PackWriter(plan, allowUnreadable: 5, progress: null, TestContext.Current.CancellationToken).Write(
                Path.Combine(folder, "drawn.pack")
            );
        });
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    private sealed class DrawnSource(IReadOnlyList<string> classes, int train, int validation, int side, int seed) : IExampleSource
    {
        /// <summary>What goes wrong with an example; null where nothing does.</summary>
        public Func<string, Exception?> Broken { get; init; } = _ => null;

        public IReadOnlyList<string> Classes => classes;

        public int Side => side;

        public string Stamp => FormattableString.Invariant($"{seed}");

        public IReadOnlyList<ExampleEntry> List() =>
            [
                .. Enum.GetValues<Split>()
                    .SelectMany(split =>
                        classes.SelectMany(name =>
                            Enumerable
                                .Range(0, split == Split.Train ? train : validation)
                                .Select(number => new ExampleEntry(
                                    split,
                                    name,
                                    FormattableString.Invariant($"{split}/{name}/{number}"),
                                    number
                                ))
                        )
                    )
                    .OrderBy(example => example.Name, StringComparer.Ordinal),
            ];

        public IEnumerable<PendingExample> Read(IReadOnlyList<ExampleEntry> chosen) =>
            chosen.Select((example, index) => new PendingExample(index, (_, destination) =>
                    {
                        if (Broken(example.Name) is { } broken)
                            throw broken;
                        Pixels(example.Name).CopyTo(destination);
                        return new ExampleContent(example.Length, new byte[32]);
                    }));

        public byte[] Pixels(string name)
        {
            var pixels = new byte[3 * side * side];
            Seeds.Generator(seed, name).NextBytes(pixels);
            return pixels;
        }
    }
}
