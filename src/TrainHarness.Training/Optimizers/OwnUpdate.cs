using System.Runtime.InteropServices;
using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Trace;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Sources;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>The rule of an optimizer that is code of the user's own.</summary>
internal static class OwnUpdate
{
    // Of a matrix, a vector and a convolution.
    private static readonly long[][] Probed =
    [
        [3, 2],
        [3],
        [2, 3, 1, 1],
    ];

    /// <summary>Compiles it, and so runs what its author wrote.</summary>
    /// <exception cref="ConfigurationException">It does not compile, or holds no such class.</exception>
    public static UpdateRule Of(OwnSource source) =>
        (UpdateRule)OwnClass.Make(source, OwnClass.Find(source, typeof(UpdateRule), argument: null), argument: null);

    /// <summary>Takes two steps on small parameters, before anything is trained.</summary>
    /// <exception cref="ConfigurationException">It does not compile or run, or multiplies matrices, which no ledger counts.</exception>
    public static void Check(OwnRule rule)
    {
        TorchLibrary.Load();
        var update = Of(rule.Source);
        using var preserved = new PreservedState();
        using var scope = NewDisposeScope();
        Parameter[] parameters = [.. Probed.Select(shape => new Parameter(ones(shape)))];
        try
        {
            if (OperatorTrace.Problem is { } problem)
                throw new NotSupportedException($"an optimizer of your own must be counted by operator, and {problem}.");
            using var optimizer = new OwnOptimizer(parameters, rule, update);
            using var trace = OperatorTrace.Of(() => TakeSteps(optimizer, parameters));
            RequireNoProducts(trace);
            if (parameters.Any(parameter => !parameter.isfinite().all().item<bool>()))
                throw new NotSupportedException("two steps on small parameters leave a weight that is not finite.");
        }
        catch (Exception error)
            when (error
                    is NotSupportedException
                        or InvalidOperationException
                        or ArgumentException
                        or ExternalException
                        or IndexOutOfRangeException
            )
        {
            throw new ConfigurationException($"{rule.Source.File}: {error.Message.Split('\n')[0]}", error);
        }
    }

    private static void TakeSteps(OwnOptimizer optimizer, IReadOnlyList<Parameter> parameters)
    {
        for (var step = 0; step < 2; step++)
        {
            foreach (var parameter in parameters)
                parameter.grad = full_like(parameter, 0.5);
            optimizer.Update(learningRate: 0.01);
        }
    }

    // The protocol counts nothing of an optimizer, so one that multiplies matrices would train for nothing.
    private static void RequireNoProducts(OperatorTrace trace)
    {
        if (
            trace.Operators.FirstOrDefault(run =>
                run.IsOperator && (OperatorFormulas.Hides(run) || (OperatorFormulas.Price(run, []) is { } macs && macs != Macs.Zero))
            ) is
            { } product
        )
            throw new NotSupportedException(
                $"its update multiplies matrices ({product.Words}), which no ledger counts; allowed: element by element."
            );
    }
}
