using TorchSharp.Modules;
using TrainHarness.Compute;
using TrainHarness.Protocol;
using TrainHarness.Training.Native;
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
            // No operator of libtorch is all of it, and over lists its parts measure slower on a CPU: large temporaries leave the cache.
            RmsPropRule rmsProp => new TorchOptimizer(() => RmsProp(rmsProp, Groups(rmsProp, all))),
            AdamWRule adamW when NativePath.FusedAdamW.IsAvailable => new DecoupledAdam(all, adamW),
            AdamWRule adamW => new TorchOptimizer(() => AdamW(adamW, Groups(adamW, all))),
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

    private static RMSProp RmsProp(RmsPropRule rule, IEnumerable<(Parameter[] Parameters, double WeightDecay)> groups) =>
        optim.RMSProp(
            groups.Select(group => new RMSProp.ParamGroup
            {
                Parameters = group.Parameters,
                Options = new RMSProp.Options { weight_decay = group.WeightDecay },
            }),
            alpha: rule.Decay,
            eps: rule.Epsilon,
            momentum: rule.Momentum
        );

    private static AdamW AdamW(AdamWRule rule, IEnumerable<(Parameter[] Parameters, double WeightDecay)> groups) =>
        optim.AdamW(
            groups.Select(group => new AdamW.ParamGroup
            {
                Parameters = group.Parameters,
                Options = new AdamW.Options { weight_decay = group.WeightDecay },
            }),
            beta1: rule.Beta1,
            beta2: rule.Beta2,
            eps: rule.Epsilon
        );
}
