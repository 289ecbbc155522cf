using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
using TrainHarness.Training.Native.Trace;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Sources;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>The rule of an optimizer that is code of the user's own, every update of which is looked at.</summary>
/// <remarks>
/// The protocol counts nothing of an optimizer, so one that multiplies matrices would train for nothing: the first product ends the trial.
/// </remarks>
internal sealed class OwnUpdate
{
    // Of a matrix, a vector and a convolution.
    private static readonly long[][] Probed =
    [
        [3, 2],
        [3],
        [2, 3, 1, 1],
    ];

    private readonly OwnSource source;
    private readonly UpdateRule rule;
    private readonly OperatorWatch watch = new(OperatorFormulas.MayMultiply);

    private OwnUpdate(OwnSource source, UpdateRule rule) => (this.source, this.rule) = (source, rule);

    /// <inheritdoc cref="UpdateRule.StateNames"/>
    public IReadOnlyList<string> StateNames => rule.StateNames;

    /// <summary>Compiles it, and so runs what its author wrote.</summary>
    /// <exception cref="ConfigurationException">
    /// It does not compile, or holds no such class; or nobody can see which operators it runs.
    /// </exception>
    public static OwnUpdate Of(OwnSource source)
    {
        TorchLibrary.Load();
        return OperatorWatch.Problem is not { } problem
            ? new OwnUpdate(
                source,
                (UpdateRule)
                    OwnClass.Make(source, OwnClass.Find(source, typeof(UpdateRule), argument: null, takes: "nothing"), argument: null)
            )
            : throw new ConfigurationException($"{source.File}: an optimizer of your own must be watched by operator, and {problem}.");
    }

    /// <summary>Takes two steps on small parameters, before anything is trained.</summary>
    /// <exception cref="ConfigurationException">It does not compile or run, or multiplies matrices.</exception>
    public static void Check(OwnRule rule)
    {
        var update = Of(rule.Source);
        using var preserved = new PreservedState();
        using var scope = NewDisposeScope();
        Parameter[] parameters = [.. Probed.Select(shape => new Parameter(ones(shape)))];
        try
        {
            using var optimizer = new OwnOptimizer(parameters, rule, update);
            TakeSteps(optimizer, parameters);
        }
        catch (Exception error) when (OwnFailure.Of(rule.Source, error) is { } failure)
        {
            throw failure;
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or ExternalException)
        {
            throw new ConfigurationException($"{rule.Source.File}: {error.Message.Split('\n')[0]}", error);
        }

        if (parameters.Any(parameter => !parameter.isfinite().all().item<bool>()))
            throw new ConfigurationException($"{rule.Source.File}: two steps on small parameters leave a weight that is not finite.");
    }

    /// <inheritdoc cref="UpdateRule.Update"/>
    /// <exception cref="ConfigurationException">It multiplies matrices.</exception>
    public void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state, UpdateStep at)
    {
        if (watch.First(() => rule.Update(parameter, gradient, state, at)) is { } product)
            throw new ConfigurationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{source.File}: its update multiplies matrices ({product}, of a parameter [{string.Join(",", parameter.shape)}], in "
                        + $"step {at.Number}), which no ledger counts; allowed: element by element."
                )
            );
    }

    private static void TakeSteps(OwnOptimizer optimizer, IReadOnlyList<Parameter> parameters)
    {
        using Scalar half = 0.5;
        for (var step = 0; step < 2; step++)
        {
            foreach (var parameter in parameters)
                parameter.grad = full_like(parameter, half);
            optimizer.Update(learningRate: 0.01);
        }
    }
}
