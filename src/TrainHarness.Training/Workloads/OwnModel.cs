using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using TrainHarness.Files;
using TrainHarness.Protocol;
using TrainHarness.Training.Layers;
using TrainHarness.Training.Native;
using TrainHarness.Training.Pricing;
using TrainHarness.Training.Sources;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads;

/// <summary>A network that is code of the user's own, as a workload builds and counts it.</summary>
/// <typeparam name="TNetwork">What the class must be derived from.</typeparam>
/// <typeparam name="TOptions">What its constructor must take, and nothing else that is not optional.</typeparam>
internal sealed class OwnModel<TNetwork, TOptions>
    where TNetwork : nn.Module
    where TOptions : notnull
{
    private readonly OwnSource source;
    private readonly ConstructorInfo constructor;

    private OwnModel(OwnSource source, ConstructorInfo constructor, TOptions probed)
    {
        (this.source, this.constructor) = (source, constructor);
        (Published, Paper) = OwnClass.Published(source, constructor.DeclaringType!);
        using var preserved = new PreservedState();
        using var probe = Build(probed);
        HasBatchNormalisation = NetworkPricer.Modules(probe).Any(layer => IsBatchNormalisation(layer.Module));
    }

    public DateOnly Published { get; }

    public string Paper { get; }

    public bool HasBatchNormalisation { get; }

    /// <summary>Whether the code holds such a class.</summary>
    /// <exception cref="ConfigurationException">It does not compile.</exception>
    public static bool Fits(OwnSource source) => OwnClass.Holds(source, typeof(TNetwork), typeof(TOptions));

    /// <summary>Compiles it, and builds it once, and so runs what its author wrote.</summary>
    /// <param name="probed">For the network that is looked at.</param>
    /// <param name="takes">What the constructor takes, for people.</param>
    /// <exception cref="ConfigurationException">It does not compile, holds no such class, or its constructor throws.</exception>
    public static OwnModel<TNetwork, TOptions> Of(OwnSource source, TOptions probed, string takes)
    {
        TorchLibrary.Load();
        return new(source, OwnClass.Find(source, typeof(TNetwork), typeof(TOptions), takes), probed);
    }

    /// <exception cref="ConfigurationException">The constructor throws.</exception>
    public TNetwork Build(TOptions options) => (TNetwork)OwnClass.Make(source, constructor, options);

    /// <summary>
    /// What a training step on a batch of examples costs, in which layers and operators agree. Examples run: what somebody else wrote need
    /// not work on none at all.
    /// </summary>
    /// <param name="loss">Calls the network once and gives a scalar.</param>
    /// <param name="sizes">Of the examples, for people.</param>
    /// <param name="answer">Looks at the network in evaluation mode, where it must agree as well; nothing is recorded.</param>
    /// <exception cref="ConfigurationException">
    /// A layer has no formula, an operator multiplies what no price holds, or the network does not run.
    /// </exception>
    public StepCount Count(TOptions options, int examples, string sizes, Func<TNetwork, Tensor> loss, Action<TNetwork> answer)
    {
        using var preserved = new PreservedState();
        using var scope = NewDisposeScope();
        try
        {
            if (NetworkPricer.OperatorsProblem is { } problem)
                throw new NotSupportedException($"a network of your own must be counted by operator, and {problem}.");
            using var network = Build(options);
            RequireSingleUpdates(network);
            network.train();
            var cost = NetworkPricer.PriceByOperators(network, examples, () => loss(network));
            network.eval();
            using var withoutGradients = no_grad();
            NetworkPricer.PriceByOperators(network, examples, () => loss(network), backward: false);
            Stir(network);
            answer(network);
            return new StepCount(cost, network.parameters().Sum(parameter => parameter.numel()), sizes);
        }
        catch (Exception error) when (OwnFailure.Of(source, error) is { } failure)
        {
            throw failure;
        }
        catch (Exception error)
            when (error
                    is NotSupportedException
                        or InvalidOperationException
                        or ArgumentException
                        or ExternalException
                        or EntryPointNotFoundException
            )
        {
            throw new ConfigurationException($"{source.File}: {error.Message.Split('\n')[0]}", error);
        }
    }

    /// <exception cref="ConfigurationException">An optimizer would update one tensor twice in a step.</exception>
    private void RequireSingleUpdates(TNetwork network)
    {
        foreach (var same in network.named_parameters().GroupBy(named => TensorAddress.Of(named.parameter)).Where(same => same.Count() > 1))
        {
            var names = same.Select(named => $"'{named.name}'").ToList();
            throw new ConfigurationException(
                $"{source.File}: {string.Join(" and ", names)} of {network.GetType().Name} are one tensor, which would be updated "
                    + "twice in each step. Share a layer by calling it twice, and tie an output to an embedding by TiedProjection."
            );
        }
    }

    // Layers that start at zero would hide what is behind them. As large as a usual start, so that what is seen is far above rounding
    // however many of them follow each other; from a seed of its own, so that the verdict is the same at every reading.
    private static void Stir(TNetwork network)
    {
        using var generator = new Generator(1);
        foreach (var parameter in network.parameters().Where(parameter => parameter.is_floating_point() && parameter.numel() > 0))
        {
            var inputs = parameter.dim() < 2 ? 4 : parameter.numel() / parameter.shape[0];
            using Scalar root = Math.Sqrt(inputs);
            parameter.PlusInPlace(randn(parameter.shape, generator: generator).to_type(parameter.dtype).div_(root));
        }
    }

    /// <exception cref="ConfigurationException">What the network made has another shape.</exception>
    public void RequireShape(nn.Module network, string of, Tensor made, long[] expected, string words)
    {
        if (!made.shape.SequenceEqual(expected))
            throw new ConfigurationException(
                $"{source.File}: of {of} {network.GetType().Name} makes [{string.Join(", ", made.shape)}]; expected: "
                    + $"[{string.Join(", ", expected)}], {words}."
            );
    }

    /// <summary>
    /// Whoever sees what is to be told has nothing to learn: what is made at a place must not change with what comes after it.
    /// </summary>
    /// <param name="before">Made of two rows, [2, T, …], that are the same up to their last place.</param>
    /// <exception cref="ConfigurationException">It does.</exception>
    public void RequireNoForesight(nn.Module network, Tensor before, string words)
    {
        using var scope = NewDisposeScope();
        var (one, other) = (before.select(0, 0), before.select(0, 1));
        var places = before.shape[1] - 1;
        var difference = Largest(one.narrow(0, 0, places).sub(other.narrow(0, 0, places)));
        var size = Largest(one);
        // The same rows by the same kernels; NaN is somebody else's affair.
        if (difference > 1e-5 * size)
            throw new ConfigurationException(
                $"{source.File}: what {network.GetType().Name} says at a place changes with the {words} behind it, which it must not see."
            );
    }

    // In the caller's dispose scope.
    private static double Largest(Tensor numbers) => numbers.abs().max().cpu().to_type(ScalarType.Float64).item<double>();

    private static bool IsBatchNormalisation(nn.Module module) => module is BatchNormalisation or BatchNorm1d or BatchNorm2d or BatchNorm3d;
}
