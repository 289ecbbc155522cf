namespace TrainHarness.Training.Workloads.SelfPlay.Search;

/// <summary>How a tree is searched for one move.</summary>
/// <param name="Simulations">
/// New ones for each move, whatever a kept subtree holds already; the root's own evaluation comes before the first.
/// </param>
/// <param name="Exploration">c of PUCT (Silver et al. 2017, doi:10.1038/nature24270, Methods).</param>
/// <param name="GrowsExploration">
/// Adds log((1 + N + 19652) / 19652) to it (Silver et al. 2018, doi:10.1126/science.aar6404, pseudocode).
/// </param>
/// <param name="Noise">Part of the root's priors that is drawn; 0 for play that is judged.</param>
/// <param name="NoiseConcentration">α of the Dirichlet noise for each legal move, times their number: 10 is 0.03 on a board of 361.</param>
/// <param name="Symmetries">Whether each leaf is shown to the network by a symmetry that is drawn.</param>
/// <param name="ForcedPlayouts">
/// k of the √(k P N) simulations that a root's move gets once it has any; 0 forces none (Wu 2019, arXiv:1902.10565, section 3.2).
/// </param>
/// <param name="GumbelMoves">
/// Moves of the root that sequential halving begins with; 0 searches by PUCT (Danihelka et al. 2022, openreview.net/forum?id=bERaNdoegnO).
/// </param>
internal sealed record SearchRules(
    int Simulations,
    double Exploration,
    bool GrowsExploration,
    double Noise,
    double NoiseConcentration,
    bool Symmetries,
    double ForcedPlayouts = 0,
    int GumbelMoves = 0
)
{
    private const double ExplorationBase = 19652;

    /// <summary>By PUCT, without noise and without drawn symmetries: nothing is left to chance, and all entries search alike.</summary>
    public SearchRules Calm(int simulations) =>
        this with
        {
            Simulations = simulations,
            Noise = 0,
            Symmetries = false,
            ForcedPlayouts = 0,
            GumbelMoves = 0,
        };

    public double ExplorationAt(int visits) =>
        GrowsExploration ? Exploration + Math.Log((1 + visits + ExplorationBase) / ExplorationBase) : Exploration;
}
