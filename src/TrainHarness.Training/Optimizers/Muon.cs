using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>
/// Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon) for the inner matrices of a network: v ← μv + (1 − μ)g, and
/// w ← w − ηλw − η√max(1, rows/columns) O(u), where u is v, or μv + (1 − μ)g with Nesterov momentum, and O brings all singular values
/// near 1 by a polynomial (Newton-Schulz). In 32 bits, where it was published in 16. All other parameters follow AdamW.
/// </summary>
internal sealed class Muon : IOptimizer
{
    // Of the publication: chosen so that the smallest singular values grow fastest; the others end between 0.7 and 1.2.
    private const double A = 3.4445;
    private const double B = -4.7750;
    private const double C = 2.0315;

    // Keeps a gradient of zeros from being divided by zero.
    private const double Smallest = 1e-7;

    private readonly MuonRule rule;
    private readonly ParameterGroup[] groups;
    private readonly IOptimizer other;

    public Muon(IReadOnlyList<(Parameter Parameter, bool IsInner)> parameters, MuonRule rule)
    {
        this.rule = rule;
        groups = ParameterGroup.For(
            rule,
            parameters.Where(parameter => parameter.IsInner).Select(parameter => parameter.Parameter),
            slots: 1
        );
        other = Optimizer.For(rule.Other, parameters.Where(parameter => !parameter.IsInner).Select(parameter => parameter.Parameter));
    }

    public NativePath? NativePath => other.NativePath;

    /// <summary>
    /// Multiply-adds of one update: of a matrix with m rows and n columns, or the other way round where it is higher than wide, every
    /// iteration multiplies m²n for its square, m³ for the square of that, and m²n for what comes of it.
    /// </summary>
    public static Macs Price(IReadOnlyList<(Parameter Parameter, bool IsInner)> parameters, MuonRule rule) =>
        Macs.Sum(
            parameters
                .Where(parameter => parameter.IsInner)
                .Select(parameter =>
                {
                    var (rows, columns) = InnerMatrices.Shape(parameter.Parameter);
                    var (m, n) = (Math.Min(rows, columns), Math.Max(rows, columns));
                    return Macs.Product(rule.Iterations, m, m, (2 * n) + m);
                })
        );

    public void Update(double learningRate)
    {
        using var noGradient = no_grad();
        foreach (var group in groups)
        {
            using Scalar decayed = 1 - (learningRate * group.WeightDecay);
            foreach (var (parameter, velocity) in group.Parameters.Zip(group.State[0]))
            {
                if (parameter.grad is { } gradient)
                    Update(parameter, gradient, velocity, learningRate, decayed);
            }
        }

        other.Update(learningRate * rule.OtherRate);
    }

    public void Reset()
    {
        foreach (var group in groups)
            group.Forget();
        other.Reset();
    }

    public IReadOnlyDictionary<string, Tensor> State =>
        new Dictionary<string, Tensor>(
            ParameterGroup
                .Named(groups, ["velocity"])
                .Concat(other.State.Select(memory => KeyValuePair.Create($"other.{memory.Key}", memory.Value)))
        );

    public void ResumeAfter(long steps) => other.ResumeAfter(steps);

    public void Dispose()
    {
        foreach (var group in groups)
            group.Dispose();
        other.Dispose();
    }

    /// <summary>A matrix with the singular vectors of another one, and singular values near 1.</summary>
    internal static Tensor Orthogonal(Tensor matrix, int iterations)
    {
        using var scope = NewDisposeScope();
        // Held: TorchSharp does not hold the number of a call, and a garbage collection would free it.
        using Scalar a = A,
            b = B,
            c = C,
            smallest = Smallest;
        var isHigh = matrix.shape[0] > matrix.shape[1];
        var x = isHigh ? matrix.t() : matrix;
        x = x.div(x.norm().Plus(smallest));
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            var square = x.matmul(x.t());
            var polynomial = square.mul(b).Plus(square.matmul(square).mul(c));
            x = x.mul(a).Plus(polynomial.matmul(x));
        }

        return (isHigh ? x.t() : x).MoveToOuterDisposeScope();
    }

    private void Update(Parameter parameter, Tensor gradient, Tensor velocity, double learningRate, Scalar decayed)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = InnerMatrices.Shape(parameter);
        using Scalar kept = rule.Momentum,
            taken = 1 - rule.Momentum,
            rate = -learningRate * Math.Sqrt(Math.Max(1, (double)rows / columns));
        velocity.mul_(kept).add_(gradient, taken);
        var direction = rule.Nesterov ? velocity.mul(kept).add(gradient, taken) : velocity;
        var step = Orthogonal(direction.reshape(rows, columns), rule.Iterations).reshape(parameter.shape);
        parameter.mul_(decayed).add_(step, rate);
    }
}
