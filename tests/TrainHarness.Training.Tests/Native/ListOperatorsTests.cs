using System.Runtime.InteropServices;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Native;

public class ListOperatorsTests
{
    [Fact]
    public void Lists_of_different_lengths_are_an_exception() =>
        Assert.Throws<ExternalException>(() => ListOperators.Average([zeros(3)], [zeros(3), zeros(3)], 0.5));

    [Fact]
    public void Lengths_are_those_of_the_tensors_one_by_one()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([5f, 2f], ListOperators.Lengths([tensor([3f, 4f]), ones(2, 2)]).data<float>());
    }

    [Fact]
    public void Parameters_that_need_gradients_are_changed_in_place_and_nothing_is_recorded()
    {
        using var scope = NewDisposeScope();
        var parameter = new TorchSharp.Modules.Parameter(ones(2));

        ListOperators.Multiply([parameter], tensor(3f));

        Assert.Equal([3f, 3f], parameter.data<float>());
        Assert.True(parameter.is_leaf);
    }

    [Fact]
    public void A_thousand_calls_leave_no_tensor_behind_while_memory_is_collected()
    {
        using var scope = NewDisposeScope();
        Tensor average = zeros(4),
            value = ones(4);
        var before = Tensor.TotalCount;

        for (var call = 0; call < 1000; call++)
        {
            ListOperators.Average([average], [value], 0.5);
            if (call % 50 == 0)
                GC.Collect();
        }

        Assert.InRange(Tensor.TotalCount, 0, before);
        Assert.Equal(1f, average[0].item<float>());
    }
}
