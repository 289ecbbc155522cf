using TrainHarness.Training.Workloads.SelfPlay.Games;

namespace TrainHarness.Training.Workloads.SelfPlay.Play;

/// <summary>
/// The games that a network must win before it takes the place of the best one (doi:10.1038/nature24270, Methods, Evaluator).
/// </summary>
internal static class Gate
{
    /// <summary>Games from drawn openings of two stones, each played twice, with either network first.</summary>
    /// <param name="random">Draws the openings; none comes twice while there are others.</param>
    public static IReadOnlyList<MatchGame> Games(IGame game, PlayRules rules, Random random)
    {
        Position[] openings = [.. Openings(game)];
        random.Shuffle(openings);
        var search = rules.FullSearch.Calm(rules.Simulations);
        return
        [
            .. Enumerable
                .Range(0, rules.GateGames)
                .Select(index => new MatchGame(game, search, openings[index / 2 % openings.Length], index % 2)),
        ];
    }

    /// <summary>Whether the candidate, which is judge 0, has won enough.</summary>
    public static bool IsPassed(IReadOnlyList<MatchGame> games, PlayRules rules) =>
        games.Sum(game => game.Points) > rules.GateLevel * games.Count;

    private static HashSet<Position> Openings(IGame game)
    {
        var openings = new HashSet<Position>();
        foreach (var first in Cells.Of(game.Legal(default)))
        {
            var position = game.After(default, first);
            foreach (var second in Cells.Of(game.Legal(position)))
                openings.Add(game.After(position, second));
        }

        return openings;
    }
}
