using System.Globalization;
using TrainHarness.Training.Workloads.ImageClassification.Architectures;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Architectures;

public class PublishedNumbersTests
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Published = ReferenceTable.Read(
        "architectures.csv"
    );

    // torchvision has not these, or has them as siblings of one that is checked.
    private static readonly string[] WithoutReference =
    [
        "alexnet_2012",
        "zfnet",
        "vgg16",
        "bn_inception",
        "resnet34",
        "wide_resnet50_2",
        "xception",
        "mobilenet_v1",
        "shufflenet_v1_x1_0",
        "se_resnet50",
        "shufflenet_v2_x1_5",
        "mobilenet_v3_small",
        "efficientnet_b1",
    ];

    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    [Fact]
    public void Every_architecture_has_its_published_numbers() =>
        AssertNone(Missing("architectures.csv", ArchitectureCatalog.All, WhatToAdd.ToPublishedNumbers));

    [Fact]
    public void Every_architecture_has_a_check_of_its_function_or_is_said_to_have_none() =>
        AssertNone(
            Missing(
                "forward-checks.csv",
                ArchitectureCatalog.All.Where(architecture => !WithoutReference.Contains(architecture.Name)),
                WhatToAdd.ToForwardChecks
            )
        );

    [Theory]
    [InlineData("architectures.csv")]
    [InlineData("forward-checks.csv")]
    public void Every_line_is_of_an_architecture(string file) =>
        Assert.Empty(
            ReferenceTable
                .Read(file)
                .Keys.Concat(WithoutReference)
                .Except(ArchitectureCatalog.All.Select(architecture => architecture.Name))
        );

    // xunit cuts what is in a collection short.
    private static void AssertNone(IEnumerable<string> missing) => Assert.True(!missing.Any(), string.Join('\n', missing));

    [Fact]
    public void A_new_architecture_is_told_which_line_to_add_where()
    {
        var added = Architecture.AlexNet with { Name = "added", Published = new DateOnly(2026, 1, 31), Paper = "arXiv:2601.00001" };

        Assert.Contains(
            $"{WhatToAdd.PublishedNumbers} has no line",
            Assert.Single(Missing("architectures.csv", [added], WhatToAdd.ToPublishedNumbers)),
            StringComparison.Ordinal
        );
        foreach (
            var (file, line) in ((string, string)[])
                [
                    (WhatToAdd.PublishedNumbers, WhatToAdd.ToPublishedNumbers(added).Split('\n')[1]),
                    (WhatToAdd.ForwardChecks, WhatToAdd.ToForwardChecks(added).Split('\n')[1]),
                ]
        )
            Assert.Equal(ReferenceTable.Read(Path.GetFileName(file))["alexnet"].Count, line.Split(',').Length);
        Assert.StartsWith(
            "added,2026-01-31,arXiv:2601.00001,",
            WhatToAdd.ToPublishedNumbers(added).Split('\n')[1],
            StringComparison.Ordinal
        );
        foreach (
            var file in (string[])
                [
                    WhatToAdd.PublishedNumbers,
                    WhatToAdd.ForwardChecks,
                    WhatToAdd.WithoutReference,
                    WhatToAdd.Starts,
                    WhatToAdd.Catalog,
                    WhatToAdd.Sizes,
                ]
        )
            Assert.True(File.Exists(Path.Combine(ReferenceTable.Repository, file)), file);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Multiply_adds_of_an_image_are_those_published(string name)
    {
        Assert.True(Published.TryGetValue(name, out var line), WhatToAdd.ToPublishedNumbers(ArchitectureCatalog.ByName(name)));

        var cost = ImagePricer.Price(
            ArchitectureCatalog.ByName(name),
            new(1000, int.Parse(line["image_size"], CultureInfo.InvariantCulture)),
            batch: 1
        );

        Assert.Equal(line["forward_macs"], cost.Forward.ToString());
        Assert.Equal(line["first_layer_macs"], cost.Layers[0].Forward.ToString());
        Assert.Equal(line["training_macs"], cost.Training.ToString());
        Assert.Equal(cost.Forward - cost.Layers[0].Forward, cost.GradInput);
        Assert.Equal(cost.Forward, cost.GradWeight);
    }

    // Measured on the same networks in Python, 10 classes at 96 × 96 pixels, below autograd.
    [Theory]
    [InlineData("alexnet", 460_152_192)]
    [InlineData("shufflenet_v2_x1_0", 77_820_744)]
    public void A_small_image_costs_what_another_counter_says(string name, long training) =>
        Assert.Equal((UInt128)training, ImagePricer.Price(ArchitectureCatalog.ByName(name), new(10, 96), batch: 1).Training.Count);

    [Fact]
    public void A_vision_transformer_of_another_size_costs_what_its_paper_says_by_hand()
    {
        // 96 px are 36 patches and a class token of 768 channels. Each of 12 layers: 3 + 1 + 4 + 4 square projections of every token, and
        // two products of all pairs of tokens (arXiv:2010.11929, section 3.1).
        const long tokens = 37,
            width = 768;
        const long layer = (12 * tokens * width * width) + (2 * tokens * tokens * width);
        const long all = (36 * 3 * 16 * 16 * width) + (12 * layer) + (width * 10);

        Assert.Equal((UInt128)all, ImagePricer.Price(Architecture.VitB16, new(10, 96), batch: 1).Forward.Count);
    }

    [Fact]
    public void Windows_that_a_map_does_not_fill_are_counted_as_they_are_padded()
    {
        // Swin-T at 96 px: maps of 24, 12, 6 and 3 tokens, padded to whole windows of 7 for attention but not for the feed-forward blocks.
        var all = (48L * 96 * 24 * 24) + (768 * 10);
        foreach (
            var (map, padded, width, blocks) in ((long, long, long, long)[])
                [(24, 28, 96, 2), (12, 14, 192, 2), (6, 7, 384, 6), (3, 7, 768, 2)]
        )
        {
            var attention = padded * padded * ((4 * width * width) + (2 * 49 * width));
            all += blocks * (attention + (map * map * 8 * width * width));
            if (map > 3)
                all += map / 2 * (map / 2) * 8 * width * width;
        }

        Assert.Equal((UInt128)all, ImagePricer.Price(Architecture.SwinT, new(10, 96), batch: 1).Forward.Count);
    }

    private static List<string> Missing(string file, IEnumerable<Architecture> architectures, Func<Architecture, string> whatToAdd)
    {
        var lines = ReferenceTable.Read(file);
        return [.. architectures.Where(architecture => !lines.ContainsKey(architecture.Name)).Select(whatToAdd)];
    }
}
