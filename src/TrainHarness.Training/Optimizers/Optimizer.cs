using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using static TorchSharp.torch;

namespace TrainHarness.Training.Optimizers;

/// <summary>The optimizer that a rule asks for.</summary>
public static class Optimizer
{
    /// <summary>For all parameters of a network, of which the rule may treat some differently.</summary>
    public static IOptimizer For(OptimizerRule rule, nn.Module network) =>
        rule is MuonRule muon ? new Muon(InnerMatrices.Of(network), muon) : For(rule, network.parameters());

    /// <summary>Multiply-adds of products of matrices in one update. What goes element by element counts nothing.</summary>
    public static Macs Price(OptimizerRule rule, nn.Module network) =>
        rule is MuonRule muon ? Muon.Price(InnerMatrices.Of(network), muon) : Macs.Zero;

    /// <summary>For parameters of which nobody says what they are: every matrix is taken for an inner one.</summary>
    /// <param name="parameters">Those that need no gradient are left alone.</param>
    public static IOptimizer For(OptimizerRule rule, IEnumerable<Parameter> parameters)
    {
        List<Parameter> all = [.. parameters];
        return rule switch
        {
            SgdRule sgd => new MomentumSgd(all, sgd, useFused: true),
            RmsPropRule rmsProp => new RmsProp(all, rmsProp),
            AdamWRule adamW => new DecoupledAdam(all, adamW, useFused: true),
            MuonRule muon => new Muon([.. all.Select(parameter => (parameter, parameter.dim() == 2))], muon),
            OwnRule own => new OwnOptimizer(all, own, OwnUpdate.Of(own.Source)),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, null),
        };
    }

    /// <summary>The parameters that decay and those that are exempt; a group that would be empty is left out.</summary>
    internal static IEnumerable<(Parameter[] Parameters, double WeightDecay)> Groups(
        OptimizerRule rule,
        IEnumerable<Parameter> parameters
    ) =>
        parameters
            .Where(parameter => parameter.requires_grad)
            .GroupBy(parameter => rule.ExemptOneDimensional && parameter.shape.Count(size => size > 1) < 2)
            .Select(group => (group.ToArray(), group.Key ? 0 : rule.WeightDecay));
}
