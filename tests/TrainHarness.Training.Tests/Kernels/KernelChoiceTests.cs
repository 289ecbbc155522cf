using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.Training.Tests.Kernels;

public class KernelChoiceTests
{
    [Fact]
    public void The_fastest_right_kernels_are_chosen_and_slower_ones_are_not_looked_at()
    {
        List<string> looked = [];
        var choice = KernelChoice.Among(KernelSet.FastestFirst, set =>
        {
            looked.Add(set!.Name);
            return Requests.Right(set.Name);
        });
        Assert.Equal(KernelSet.ToldCaches, choice.Kernels);
        Assert.True(choice.IsRight);
        Assert.Equal(["told-caches"], looked);
    }

    [Fact]
    public void Kernels_that_crash_hang_are_not_there_or_have_one_wrong_gradient_are_passed_over()
    {
        Dictionary<string, KernelFinding> findings = new()
        {
            ["told-caches"] = Requests.Bad("told-caches", KernelOutcome.Unavailable),
            ["own"] = Requests.WrongGradWeight("own"),
            ["avx2"] = Requests.Bad("avx2", KernelOutcome.Crashed),
            ["avx"] = Requests.Bad("avx", KernelOutcome.Hung),
            ["no-onednn"] = Requests.Right("no-onednn"),
        };
        var choice = KernelChoice.Among(KernelSet.FastestFirst, set => findings[set!.Name]);
        Assert.Equal(KernelSet.WithoutOneDnn, choice.Kernels);
        Assert.Contains("own: grad-weight of features.0 is off by 0.1", choice.Line("resnet18.fast"), StringComparison.Ordinal);
        Assert.StartsWith(
            "resnet18.fast: oneDNN's results are right with no-onednn (",
            choice.Line("resnet18.fast"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Where_none_is_right_none_is_chosen()
    {
        var choice = KernelChoice.Among(KernelSet.FastestFirst, set => Requests.WrongGradWeight(set!.Name));
        Assert.Null(choice.Kernels);
        Assert.False(choice.IsRight);
        Assert.StartsWith("entry: oneDNN's results are wrong (", choice.Line("entry"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_user_has_limited_oneDNN_to_is_compared_alone_and_said_to_be_wrong_where_it_is()
    {
        var choice = KernelChoice.Among([null], _ => Requests.WrongGradWeight(KernelChoice.Users));
        Assert.False(choice.IsRight);
        Assert.Equal("entry: oneDNN's results are wrong (the user's: grad-weight of features.0 is off by 0.1).", choice.Line("entry"));
    }
}
