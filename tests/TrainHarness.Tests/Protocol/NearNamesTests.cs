using TrainHarness.Files;
using TrainHarness.Protocol;

namespace TrainHarness.Tests.Protocol;

public sealed class NearNamesTests
{
    private static readonly string[] Networks =
    [
        "alexnet_2012",
        "alexnet",
        "zfnet",
        "vgg11",
        "vgg16",
        "googlenet",
        "resnet18",
        "resnet34",
        "resnet50",
        "wide_resnet50_2",
        "resnext50_32x4d",
        "densenet121",
        "se_resnet50",
        "mobilenet_v2",
        "shufflenet_v2_x1_0",
        "efficientnet_b0",
        "efficientnet_b1",
        "vit_b_16",
        "swin_t",
    ];

    [Theory]
    [InlineData("resnet-50", "resnet50")]
    [InlineData("ResNet50", "resnet50")]
    [InlineData("resnet5", "resnet50")]
    [InlineData("RESNET_18", "resnet18")]
    [InlineData("resent18", "resnet18")]
    [InlineData("mobilenetv2", "mobilenet_v2")]
    [InlineData("vit", "vit_b_16")]
    [InlineData("efficientnet", "efficientnet_b0", "efficientnet_b1")]
    [InlineData("transformer")]
    [InlineData("")]
    public void A_name_that_is_written_otherwise_finds_its_own(string given, params string[] meant) =>
        Assert.Equal(meant, NearNames.Meant(given, Networks));

    [Fact]
    public void Near_names_come_first_and_a_long_list_is_cut()
    {
        Assert.Equal(
            "did you mean resnet50? allowed: resnet50, resnet18, resnet34, se_resnet50, wide_resnet50_2, alexnet_2012, alexnet, zfnet, "
                + "vgg11, vgg16 and 9 more (see: trainharness architectures).",
            NearNames.Allowed("resnet-50", Networks, "trainharness architectures")
        );
        Assert.Equal("allowed: plan, scan, run, status.", NearNames.Allowed("frobnicate", ["plan", "scan", "run", "status"]));
        Assert.Equal("did you mean run or ran? allowed: run, ran, plan.", NearNames.Allowed("rxn", ["plan", "run", "ran"]));
        Assert.Equal("allowed: none.", NearNames.Allowed("x", []));
    }

    [Fact]
    public void A_name_of_any_length_is_answered_at_once_and_in_one_line() =>
        Assert.Equal("allowed: alexnet.", NearNames.Allowed(new string('x', 10_000_000), ["alexnet"]));

    // Distances by hand: an addition, a removal, a replacement and a swap of neighbours are one each.
    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "acb", 1)]
    [InlineData("abc", "abd", 1)]
    [InlineData("abc", "ab", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ca", "abc", 3)]
    public void Distances_are_those_of_the_definition(string from, string to, int distance) =>
        Assert.Equal(distance, EditDistance.Between(from, to));

    [Theory]
    [InlineData("resnet", "resnet18,resnet34,resnet50,wide_resnet50_2,se_resnet50")]
    [InlineData("RESNET*", "resnet18,resnet34,resnet50")]
    [InlineData("vgg1?", "vgg11,vgg16")]
    [InlineData("*_v2*", "mobilenet_v2,shufflenet_v2_x1_0")]
    public void A_filter_is_a_part_of_a_name_or_a_pattern_of_all_of_it(string filter, string expected) =>
        Assert.Equal(expected.Split(','), NameFilter.Apply(filter, Networks, name => name, "architecture"));

    [Fact]
    public void A_filter_that_nothing_fits_is_refused_with_what_may_be_meant()
    {
        var error = Assert.Throws<ConfigurationException>(() => NameFilter.Apply("resnt18", Networks, name => name, "architecture"));
        Assert.StartsWith(
            "no architecture fits 'resnt18'; did you mean resnet18? allowed: resnet18, ",
            error.Message,
            StringComparison.Ordinal
        );
    }
}
