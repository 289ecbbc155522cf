using TrainHarness.Compute;

namespace TrainHarness.Tests.Compute;

public sealed class FlopsTests
{
    [Fact]
    public void Forward_passes_that_make_data_are_charged_once_in_every_convention_of_training()
    {
        // As in self-play: 10 forward, 7 and 9 backward, 400 to make the games, 1000 to judge the network.
        var ledger = new ComputeLedger(new Macs(10), new Macs(7), new Macs(9), new Macs(1000))
            .WithGeneration(new Macs(150))
            .WithGeneration(new Macs(250));
        Assert.Equal("426", ledger.Training.ToString());
        Assert.Equal((UInt128)852, Flops.Training(ledger, Convention.Exact).Count);
        Assert.Equal((UInt128)(30 + 400), Flops.Training(ledger, Convention.Paper).Count);
        Assert.Equal((UInt128)(60 + 800), Flops.Training(ledger, Convention.AiAndCompute).Count);
    }

    [Fact]
    public void The_paper_convention_gives_the_3_point_1_teraflop_days_that_OpenAI_printed_for_AlexNet()
    {
        // 90 epochs of 1,281,167 images at 0.773e9 multiply-adds forward, which is what THOP counted then.
        var forward = Macs.Product(773_000_000, 1_281_167, 90);
        var flops = Flops.Training(ComputeLedger.Empty with { Forward = forward }, Convention.Paper);
        Assert.Equal(3.1, flops.ToTeraflopDays(), 1);
    }

    [Fact]
    public void An_exact_count_doubles_the_true_forward_and_backward()
    {
        var ledger = new ComputeLedger(new Macs(10), new Macs(7), new Macs(9), new Macs(1000));
        Assert.Equal((UInt128)52, Flops.Training(ledger, Convention.Exact).Count);
        Assert.Equal((UInt128)30, Flops.Training(ledger, Convention.Paper).Count);
        Assert.Equal((UInt128)60, Flops.Training(ledger, Convention.AiAndCompute).Count);
        Assert.Equal((UInt128)20, Flops.Training(ledger, Convention.Forward).Count);
    }

    [Fact]
    public void Numbers_of_different_conventions_are_never_divided()
    {
        var ledger = new ComputeLedger(new Macs(10), new Macs(7), new Macs(9), Macs.Zero);
        var error = Assert.Throws<InvalidOperationException>(() =>
            Flops.Training(ledger, Convention.Exact) / Flops.Training(ledger, Convention.Paper)
        );
        Assert.Contains("Exact", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Totals_go_beyond_64_bits_without_wrapping()
    {
        var step = new NetworkCost(1, [new LayerCost("fc", "linear", new Macs(ulong.MaxValue), new Macs(ulong.MaxValue), new Macs(1))]);
        var ledger = ComputeLedger.Empty.WithStep(step).WithStep(step);
        // 2 · (2 · (2^64 − 1) + 1)
        Assert.Equal("73786976294838206462", ledger.Training.ToString());
    }

    [Fact]
    public void Evaluation_is_never_charged()
    {
        var ledger = ComputeLedger.Empty.WithEvaluation(new Macs(123));
        Assert.Equal(Macs.Zero, ledger.Training);
        Assert.Equal((UInt128)0, Flops.Training(ledger, Convention.Exact).Count);
    }
}
