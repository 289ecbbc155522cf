using System.Globalization;
using TorchSharp;
using TrainHarness.Protocol;
using TrainHarness.Training.Engine;
using static TorchSharp.torch;

namespace TrainHarness.Training.Workloads.SelfPlay;

/// <summary>A network for a board by its name.</summary>
/// <param name="Name">The system and the size: <c>alphazero-3x32</c> has three residual blocks of 32 filters.</param>
/// <param name="Published">First public version of the paper.</param>
/// <param name="Paper">Where it was published: <c>arXiv:1712.01815</c>.</param>
/// <param name="Build">Builds the network from the global generator.</param>
internal sealed record BoardArchitecture(string Name, DateOnly Published, string Paper, Func<BoardNetworkOptions, BoardNetwork> Build)
    : IArchitecture
{
    private static readonly (int Blocks, int Filters)[] Sizes = [(1, 16), (2, 16), (3, 32), (6, 64)];

    /// <summary>
    /// Every system at every size. AlphaZero's network is AlphaGo Zero's: what stands under several names differs in its date and its
    /// paper, which a record takes from the architecture.
    /// </summary>
    public static IReadOnlyList<BoardArchitecture> All { get; } =
    [
        .. Sizes.SelectMany(size =>
            (BoardArchitecture[])
                [
                    Dual("alphago-zero", new DateOnly(2017, 10, 19), "doi:10.1038/nature24270", size),
                    Dual("alphazero", new DateOnly(2017, 12, 5), "arXiv:1712.01815", size),
                    Dual("katago", new DateOnly(2019, 2, 27), "arXiv:1902.10565", size),
                    Dual("gumbel", new DateOnly(2022, 1, 28), "https://openreview.net/forum?id=bERaNdoegnO", size),
                ]
        ),
    ];

    public bool HasBatchNormalisation { get; init; } = true;

    /// <inheritdoc/>
    public string? SourceSha256 { get; init; }

    /// <returns>In training mode on the device, with the weights that the seed gives.</returns>
    public BoardNetwork BuildFrom(int seed, BoardNetworkOptions options, Device device)
    {
        random.manual_seed(unchecked((long)Seeds.For(seed, "weights")));
        return BuildUnseeded(options, device);
    }

    /// <summary>The same with whatever weights the global generator gives.</summary>
    public BoardNetwork BuildUnseeded(BoardNetworkOptions options, Device device) => Build(options).to(device);

    private static BoardArchitecture Dual(string system, DateOnly published, string paper, (int Blocks, int Filters) size) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"{system}-{size.Blocks}x{size.Filters}"),
            published,
            paper,
            options => new DualNetwork(options, size.Blocks, size.Filters)
        );
}
