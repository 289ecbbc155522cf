using System.Globalization;
using TrainHarness.Training.Architectures;
using TrainHarness.Training.Compute;

namespace TrainHarness.Training.Tests.Compute;

public class PublishedNumbersTests
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Published = ReferenceTable.Read("architectures.csv");

    public static TheoryData<string> Names => [.. ArchitectureCatalog.All.Select(architecture => architecture.Name)];

    [Theory]
    [InlineData("architectures.csv")]
    [InlineData(
        "forward-checks.csv", "alexnet_2012", "zfnet", "vgg16", "bn_inception", "resnet34", "wide_resnet50_2", "xception", "mobilenet_v1", "shufflenet_v1_x1_0", "se_resnet50",
        "shufflenet_v2_x1_5", "mobilenet_v3_small", "efficientnet_b1")]
    public void Every_architecture_has_its_line(string file, params string[] withoutLine) =>
        Assert.Equal(
            ArchitectureCatalog.All.Select(architecture => architecture.Name).Except(withoutLine).Order(StringComparer.Ordinal),
            ReferenceTable.Read(file).Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Multiply_adds_of_an_image_are_those_published(string name)
    {
        var line = Published[name];

        var cost = NetworkPricer.Price(ArchitectureCatalog.ByName(name), new(1000, int.Parse(line["image_size"], CultureInfo.InvariantCulture)), batch: 1);

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
        Assert.Equal((UInt128)training, NetworkPricer.Price(ArchitectureCatalog.ByName(name), new(10, 96), batch: 1).Training.Count);
}
