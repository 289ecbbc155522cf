using System.Globalization;
using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>
/// A network of one of the systems, at one of several sizes. AlphaZero's network is AlphaGo Zero's: what stands under two names here
/// differs in its date and its paper, which a record takes from the architecture.
/// </summary>
internal sealed record DualArchitecture(string System, DateOnly Published, string Paper, int Blocks, int Filters) : IArchitecture
{
    private static readonly (int Blocks, int Filters)[] Sizes = [(1, 16), (2, 16), (3, 32), (6, 64)];

    /// <summary>Every system at every size.</summary>
    public static IReadOnlyList<DualArchitecture> All { get; } =
    [
        .. Sizes.SelectMany(size =>
            (DualArchitecture[])
                [
                    new("alphago-zero", new DateOnly(2017, 10, 19), "doi:10.1038/nature24270", size.Blocks, size.Filters),
                    new("alphazero", new DateOnly(2017, 12, 5), "arXiv:1712.01815", size.Blocks, size.Filters),
                    new("katago", new DateOnly(2019, 2, 27), "arXiv:1902.10565", size.Blocks, size.Filters),
                    new("gumbel", new DateOnly(2022, 1, 28), "https://openreview.net/forum?id=bERaNdoegnO", size.Blocks, size.Filters),
                ]
        ),
    ];

    /// <summary><c>alphazero-3x32</c>: three residual blocks of 32 filters.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{System}-{Blocks}x{Filters}");

    public bool HasBatchNormalisation => true;

    /// <returns>In training mode on the device, with the weights that the seed gives.</returns>
    public DualNetwork Build(IGame game, int seed, Device device)
    {
        random.manual_seed(unchecked((long)Seeds.For(seed, "weights")));
        return BuildUnseeded(game, device);
    }

    /// <summary>The same with whatever weights the global generator gives.</summary>
    public DualNetwork BuildUnseeded(IGame game, Device device)
    {
        var network = new DualNetwork(BoardPlanes.Count, game.Rows, game.Columns, game.Moves, Blocks, Filters);
        return network.to(device);
    }
}
