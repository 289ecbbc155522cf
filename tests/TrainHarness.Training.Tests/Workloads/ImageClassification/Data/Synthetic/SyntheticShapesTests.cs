using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Workloads.ImageClassification.Data;
using TrainHarness.Training.Workloads.ImageClassification.Data.Packs;

namespace TrainHarness.Training.Tests.Workloads.ImageClassification.Data.Synthetic;

/// <summary>The dataset that is drawn and needs no file.</summary>
public sealed class SyntheticShapesTests : IDisposable
{
    private const int Classes = 10;

    private readonly DatasetWorkshop workshop = new();

    public void Dispose() => workshop.Dispose();

    // Made on x64; the same constant must come out on every processor and system.
    [Fact]
    public void The_pixels_are_the_same_on_every_machine()
    {
        using var pack = Drawn(seed: 7, train: 3, validation: 2, side: 24);

        Assert.Equal("d5bd8b8d787868fc61b7581cb66a9465805504fc727b7070991ea14aa30ceabe", pack.Fingerprint);
    }

    [Fact]
    public void The_same_seed_draws_the_same_and_another_seed_something_else()
    {
        var first = Fingerprint(seed: 1);
        Array.ForEach([.. workshop.CachedFiles], File.Delete);

        Assert.Equal(first, Fingerprint(seed: 1));
        Assert.NotEqual(first, Fingerprint(seed: 2));
    }

    [Fact]
    public void Every_class_has_as_many_examples_as_every_other()
    {
        using var pack = Drawn(seed: 1, train: 5, validation: 3, side: 8);

        Assert.Equal(Classes, pack.Header.ClassNames.Count);
        Assert.All(pack.Labels(Split.Train).ToArray().CountBy(label => label), count => Assert.Equal(5, count.Value));
        Assert.All(pack.Labels(Split.Validation).ToArray().CountBy(label => label), count => Assert.Equal(3, count.Value));
        Assert.Equal(50, pack.Header.TrainCount);
        Assert.Equal(30, pack.Header.ValidationCount);
    }

    [Fact]
    public void No_example_is_drawn_twice()
    {
        using var pack = Drawn(seed: 1, train: 20, validation: 20, side: 16);

        var train = Enumerable.Range(0, 200).Select(i => Convert.ToHexString(pack.Planes(Split.Train, i)));
        var validation = Enumerable.Range(0, 200).Select(i => Convert.ToHexString(pack.Planes(Split.Validation, i)));

        Assert.Equal(400, train.Concat(validation).Distinct().Count());
    }

    [Fact]
    public void More_examples_keep_the_ones_that_were_there()
    {
        using var few = Drawn(seed: 1, train: 2, validation: 1, side: 16);
        using var more = Drawn(seed: 1, train: 4, validation: 1, side: 16);

        Assert.Equal(few.Planes(Split.Train, 1), more.Planes(Split.Train, 1));
        Assert.Equal(few.Planes(Split.Train, 2), more.Planes(Split.Train, 4));
    }

    // Chance is 10 %. The nearest mean image would be right far more often: the shapes stand near the middle.
    [Fact]
    public void Mean_colours_alone_say_little_about_the_class()
    {
        using var pack = Drawn(seed: 3, train: 60, validation: 30, side: 32);
        double[][] means = [.. Means(pack).Select(MeanColour)];

        var right = 0;
        for (var i = 0; i < pack.Header.ValidationCount; i++)
        {
            var planes = pack.Planes(Split.Validation, i);
            var nearest = Enumerable
                .Range(0, Classes)
                .MinBy(label => SquaredDistance(means[label], MeanColour([.. planes.Select(value => (double)value)])));
            right += nearest == pack.Labels(Split.Validation)[i] ? 1 : 0;
        }

        Assert.InRange(right / (double)pack.Header.ValidationCount, 0.03, 0.35);
    }

    private static double[] MeanColour(double[] planes) => [.. planes.Chunk(planes.Length / 3).Select(plane => plane.Average())];

    [Theory]
    [InlineData(0, 1, 1, "0 classes; allowed: 1 to 10")]
    [InlineData(11, 1, 1, "11 classes; allowed: 1 to 10")]
    [InlineData(10, 0, 1, "0 training examples per class")]
    [InlineData(10, 1, -1, "-1 validation examples per class")]
    public void What_cannot_be_drawn_is_refused(int classes, int train, int validation, string expected)
    {
        var description = DatasetWorkshop.Description(
            DatasetKind.Synthetic,
            null,
            new SyntheticDescription
            {
                Seed = 1,
                Classes = classes,
                TrainPerClass = train,
                ValidationPerClass = validation,
            }
        );

        var refusal = Assert.Throws<ConfigurationException>(() => DatasetPreparation.Check(description, Subset.Everything, null));

        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drawn_dataset_takes_no_path()
    {
        var synthetic = new SyntheticDescription
        {
            Seed = 1,
            Classes = 2,
            TrainPerClass = 1,
            ValidationPerClass = 1,
        };

        Assert.Throws<ConfigurationException>(() =>
            DatasetPreparation.Check(DatasetWorkshop.Description(DatasetKind.Synthetic, null, synthetic), Subset.Everything, "somewhere")
        );
        Assert.Throws<ConfigurationException>(() =>
            DatasetPreparation.Check(DatasetWorkshop.Description(DatasetKind.Synthetic, null), Subset.Everything, null)
        );
    }

    [Fact]
    public void A_subset_of_a_drawn_dataset_is_drawn_alike()
    {
        using var all = Drawn(seed: 1, train: 2, validation: 1, side: 16);
        var synthetic = new SyntheticDescription
        {
            Seed = 1,
            Classes = Classes,
            TrainPerClass = 2,
            ValidationPerClass = 1,
        };
        using var two = workshop.Open(
            DatasetWorkshop.Description(DatasetKind.Synthetic, null, synthetic),
            16,
            Subset.Everything with
            {
                Classes = ["ring", "disc"],
            }
        );

        Assert.Equal(["disc", "ring"], two.Header.ClassNames);
        var ring = all.Header.ClassNames.ToList().IndexOf("ring");
        Assert.Equal(all.Planes(Split.Validation, ring), two.Planes(Split.Validation, 1));
    }

    private static double[][] Means(DatasetPack pack)
    {
        double[][] sums = [.. Enumerable.Range(0, Classes).Select(_ => new double[3 * pack.Header.Side * pack.Header.Side])];
        var perClass = pack.Header.TrainCount / Classes;
        for (var i = 0; i < pack.Header.TrainCount; i++)
        {
            var sum = sums[pack.Labels(Split.Train)[i]];
            var planes = pack.Planes(Split.Train, i);
            for (var p = 0; p < planes.Length; p++)
                sum[p] += planes[p] / (double)perClass;
        }

        return sums;
    }

    private static double SquaredDistance(double[] mean, double[] planes)
    {
        double sum = 0;
        for (var i = 0; i < mean.Length; i++)
            sum += (mean[i] - planes[i]) * (mean[i] - planes[i]);
        return sum;
    }

    private string Fingerprint(int seed)
    {
        using var pack = Drawn(seed, 2, 1, 16);
        return pack.Fingerprint;
    }

    private DatasetPack Drawn(int seed, int train, int validation, int side)
    {
        var synthetic = new SyntheticDescription
        {
            Seed = seed,
            Classes = Classes,
            TrainPerClass = train,
            ValidationPerClass = validation,
        };
        return workshop.Open(DatasetWorkshop.Description(DatasetKind.Synthetic, null, synthetic), side);
    }
}
