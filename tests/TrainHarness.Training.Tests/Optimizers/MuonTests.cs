using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Protocol;
using TrainHarness.Training.Native.Trace;
using TrainHarness.Training.Optimizers;
using TrainHarness.Training.Pricing;
using static TorchSharp.torch;

namespace TrainHarness.Training.Tests.Optimizers;

public sealed class MuonTests
{
    private static readonly MuonRule Rule = new()
    {
        Momentum = 0.95,
        Nesterov = true,
        Iterations = 5,
        OtherRate = 0.1,
        Beta1 = 0.9,
        Beta2 = 0.95,
        Epsilon = 1e-8,
        WeightDecay = 0.1,
    };

    private static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Reference = ReferenceTable.Read("muon.csv");

    public static TheoryData<string> Shapes => [.. Reference.Keys];

    /// <summary>Reference/muon.py takes the polynomial of the singular values alone.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_matrix_keeps_its_singular_vectors_and_its_singular_values_follow_the_polynomial(string shape)
    {
        using var scope = NewDisposeScope();
        var size = shape.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        var made = Muon.Orthogonal(Matrix(size[0], size[1]), iterations: 5);
        Close("first", made[0, 0].ToDouble());
        Close("last", made[size[0] - 1, size[1] - 1].ToDouble());
        Close("absolute", made.abs().sum().ToDouble());

        void Close(string column, double value)
        {
            var right = double.Parse(Reference[shape][column], CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(value - right) <= 1e-4 * Math.Max(1, Math.Abs(right)), $"{column}: {value}, numpy {right}");
        }
    }

    // By hand: the first step with momentum 0 goes along the orthogonal gradient, a high matrix times the root of rows by columns; decay
    // comes before it. What is no matrix takes AdamW's first step, which is the rate times the sign of the gradient.
    [Theory]
    [InlineData(8, 3, 1.632993161855452)]
    [InlineData(3, 8, 1)]
    public void A_first_step_is_the_rate_times_an_orthogonal_matrix(int rows, int columns, double factor)
    {
        using var scope = NewDisposeScope();
        using Parameter matrix = new(ones(rows, columns)),
            vector = new(ones(4));
        using var optimizer = Optimizer.For(Rule with { Momentum = 0, Nesterov = false }, [matrix, vector]);
        matrix.grad = Matrix(rows, columns);
        vector.grad = tensor([-3f, 2, -1, 5]);
        optimizer.Update(0.5);
        var expected = ones(rows, columns).mul(1 - (0.5 * 0.1)).sub(Muon.Orthogonal(Matrix(rows, columns), 5).mul(0.5 * factor));
        Assert.True(matrix.allclose(expected, rtol: 1e-5, atol: 1e-6));
        Assert.True(vector.allclose(tensor([1.045f, 0.945f, 1.045f, 0.945f]), rtol: 1e-5, atol: 1e-5));
    }

    // By hand: velocities 0.05 g, then 0.95 · 0.05 g + 0.05 h; looking ahead 0.95 of it and 0.05 h more.
    [Fact]
    public void Momentum_is_a_running_mean_that_looks_ahead()
    {
        using var scope = NewDisposeScope();
        using Parameter matrix = new(zeros(4, 4));
        using var optimizer = Optimizer.For(Rule with { WeightDecay = 0 }, [matrix]);
        var (g, h) = (Matrix(4, 4), Matrix(4, 8).narrow(1, 4, 4).contiguous());
        matrix.grad = g.clone();
        optimizer.Update(0);
        matrix.grad = h.clone();
        optimizer.Update(1);
        var direction = g.mul(0.95 * 0.95 * 0.05).add(h.mul((0.95 * 0.05) + 0.05));
        Assert.True(matrix.allclose(Muon.Orthogonal(direction, 5).neg(), rtol: 1e-4, atol: 1e-5));
    }

    // By hand: five times 2 · 16² · 48 + 16³, the same upright, and nothing for the convolution's bias; its filters are rows.
    [Fact]
    public void The_price_of_an_update_is_that_of_its_products_and_they_are_what_libtorch_multiplies()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(nn.Linear(48, 16), nn.Linear(16, 48), nn.Conv2d(4, 6, 3), nn.Linear(6, 7));
        var price = Optimizer.Price(Rule, network);
        Assert.Equal((UInt128)(5 * ((2 * ((2 * 16 * 16 * 48) + (16 * 16 * 16))) + (2 * 6 * 6 * 36) + (6 * 6 * 6))), price.Count);
        Assert.SkipUnless(NetworkPricer.OperatorsProblem is null, NetworkPricer.OperatorsProblem ?? "");
        foreach (var parameter in network.parameters())
            parameter.grad = randn(parameter.shape);
        using var optimizer = Optimizer.For(Rule, network);
        using var trace = OperatorTrace.Of(() => optimizer.Update(0.01));
        Assert.Equal(price.Count, (UInt128)trace.Operators.Sum(run => (long)(OperatorFormulas.Price(run)?.Count ?? 0)));
    }

    [Fact]
    public void What_was_remembered_goes_on_in_another_optimizer()
    {
        using var scope = NewDisposeScope();
        using Parameter one = new(ones(4, 4)),
            other = new(ones(4, 4)),
            vector = new(ones(3)),
            otherVector = new(ones(3));
        using var optimizer = Optimizer.For(Rule, [one, vector]);
        using var resumed = Optimizer.For(Rule, [other, otherVector]);
        (one.grad, vector.grad) = (Matrix(4, 4), tensor([1f, 2, 3]));
        optimizer.Update(0.1);
        using (no_grad())
        {
            other.copy_(one);
            otherVector.copy_(vector);
            foreach (var (name, memory) in optimizer.State)
                resumed.State[name].copy_(memory);
        }

        resumed.ResumeAfter(1);
        (one.grad, vector.grad) = (Matrix(4, 4).flip(0), tensor([3f, 2, 1]));
        (other.grad, otherVector.grad) = (one.grad.clone(), vector.grad.clone());
        optimizer.Update(0.1);
        resumed.Update(0.1);
        Assert.True(one.equal(other).all().ToBoolean() && vector.equal(otherVector).all().ToBoolean());
    }

    private static Tensor Matrix(int rows, int columns) =>
        tensor([.. Enumerable.Range(0, rows * columns).Select(i => (float)(Math.Sin((0.7 * i) + 1) + Math.Cos(0.013 * i * i)))])
            .view(rows, columns);
}
