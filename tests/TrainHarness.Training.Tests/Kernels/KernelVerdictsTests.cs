using TrainHarness.Training.Kernels;
using TrainHarness.Training.Native.Kernels;

namespace TrainHarness.Training.Tests.Kernels;

public sealed class KernelVerdictsTests : IDisposable
{
    private static readonly KernelCheckRequest Request = Requests.Of("alexnet");

    private readonly TemporaryFolder folder = new();
    private int measured;

    public void Dispose() => folder.Dispose();

    private string File => Assert.Single(Directory.GetFiles(folder.Path));

    [Fact]
    public void A_verdict_holds_for_the_same_shapes_and_no_others()
    {
        Assert.Equal(KernelSet.Own, Choose(Request).Kernels);
        Assert.Equal(KernelSet.Own, Choose(Request).Kernels);
        Assert.Equal(1, measured);
        Choose(Request with { ImageSize = 96 });
        Choose(Request with { TrainingBatches = [32] });
        Choose(Request with { Threads = 2 });
        Assert.Equal(4, measured);
        Assert.Contains(
            "alexnet at 64 px in fp32",
            Assert.Single(new KernelVerdicts(folder.Path).Lines(), line => line.Contains("64", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Other_candidates_are_another_question()
    {
        Choose(Request);
        Assert.Equal(KernelSet.Avx2, Choose(Request, [KernelSet.Avx2, KernelSet.Avx]).Kernels);
        Assert.Equal(2, measured);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"key\":null,\"findings\":null}")]
    [InlineData("{\"key\":{},\"findings\":[null]}")]
    [InlineData("not JSON \u0000")]
    public void A_file_that_is_no_verdict_is_not_believed_and_replaced(string text)
    {
        Choose(Request);
        System.IO.File.WriteAllText(File, text);
        Assert.Empty(new KernelVerdicts(folder.Path).Lines());
        Assert.Equal(KernelSet.Own, Choose(Request).Kernels);
        Choose(Request);
        Assert.Equal(2, measured);
    }

    [Theory]
    [InlineData("\"outcome\": \"wrong\"", "\"outcome\": \"right\"")]
    [InlineData("\"outcome\": \"right\"", "\"outcome\": \"crashed\"")]
    [InlineData("\"kernels\": \"own\"", "\"kernels\": \"avx\"")]
    [InlineData("\"kernels\": \"own\"", "\"kernels\": \"faster\"")]
    [InlineData("\"wrong\": null", "\"wrong\": \"forward\"")]
    [InlineData("\"forward\": 1E-07", "\"forward\": \"NaN\"")]
    [InlineData("\"imageSize\": 64", "\"imageSize\": 32")]
    [InlineData("\"program\": \"", "\"program\": \"0")]
    public void A_verdict_that_does_not_follow_from_what_was_found_or_is_of_something_else_is_not_believed(string what, string other)
    {
        Choose(Request);
        var text = System.IO.File.ReadAllText(File);
        Assert.Contains(what, text, StringComparison.Ordinal);
        System.IO.File.WriteAllText(File, text.Replace(what, other, StringComparison.Ordinal));
        Choose(Request);
        Assert.Equal(2, measured);
    }

    [Fact]
    public void A_folder_in_the_place_of_a_verdict_is_no_verdict()
    {
        Choose(Request);
        var file = File;
        System.IO.File.Delete(file);
        Directory.CreateDirectory(file);
        Assert.Equal(KernelSet.Own, Choose(Request).Kernels);
        Assert.Equal(2, measured);
    }

    [Fact]
    public void That_nothing_is_right_is_not_remembered()
    {
        var verdicts = new KernelVerdicts(folder.Path);
        var choice = KernelComparison.Of(
            Request,
            KernelSet.FastestFirst,
            verdicts,
            () => measured++,
            set => Requests.WrongGradWeight(set!.Name)
        );
        Assert.False(choice.IsRight);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private KernelChoice Choose(KernelCheckRequest request, IReadOnlyList<KernelSet?>? candidates = null) =>
        KernelComparison.Of(
            request,
            candidates ?? KernelSet.FastestFirst,
            new KernelVerdicts(folder.Path),
            () => measured++,
            set => set == KernelSet.ToldCaches ? Requests.WrongGradWeight(set.Name) : Requests.Right(set!.Name)
        );
}
