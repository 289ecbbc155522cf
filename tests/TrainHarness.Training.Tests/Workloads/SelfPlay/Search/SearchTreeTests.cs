using TrainHarness.Training.Tests.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Games;
using TrainHarness.Training.Workloads.SelfPlay.Play;
using TrainHarness.Training.Workloads.SelfPlay.Search;

namespace TrainHarness.Training.Tests.Workloads.SelfPlay.Search;

/// <summary>The search by hand on small trees, and against brute force on 3×3.</summary>
public sealed class SearchTreeTests
{
    private static readonly SearchRules Calm = new(
        Simulations: 400,
        Exploration: 1.25,
        GrowsExploration: false,
        Noise: 0,
        NoiseConcentration: 10,
        Symmetries: false
    );

    [Fact]
    public void A_search_that_knows_nothing_but_the_rules_finds_a_winning_move_wherever_there_is_one_on_3x3()
    {
        var game = new Hex(3);
        var solver = new HexSolver(game);
        var random = new Random(3);
        // All moves look alike to it at first: it takes this many simulations until the values of 3×3 have come up to the root.
        var rules = Calm with { Simulations = 20_000 };
        var seen = new HashSet<Position>();
        while (seen.Count < 40)
        {
            var position = default(Position);
            var stones = random.Next(0, 6);
            while (position.Ply < stones && game.Result(position) is null)
                position = game.After(position, HexTests.Drawn(game.Legal(position), random));
            if (game.Result(position) is null && solver.Wins(position))
                seen.Add(position);
        }

        List<SolvedSearch> searches =
        [
            .. seen.Select(position => new SolvedSearch(game, rules, new DecisionPosition(position, solver.WinningMoves(position)))),
        ];
        new LockStep([new Indifferent()], game.Moves, threads: 2).Run(searches);
        Assert.All(searches, search => Assert.True(search.IsRight));
    }

    [Fact]
    public void Simulations_go_where_PUCT_sends_them()
    {
        // 2×2, where the priors of the four moves are 0.4, 0.3, 0.2 and 0.1, and whoever is to move at a leaf expects 0.5.
        var tree = Started(new Hex(2), default, Calm with { Simulations = 3, Exploration = 1 });
        var asked = Drive(tree, new Fixed([0.4f, 0.3f, 0.2f, 0.1f], 0.5f));
        // First 0 by its prior; it is worth -0.5 then, so that 1 (0.3 × √2) is next; then 2: 0.2 × √3 = 0.35 > 0.4 × √3 / 2 - 0.5 and 0.3 ×
        // √3 / 2 - 0.5.
        Assert.Equal([1, 1, 1, 0], tree.Visits());
        Assert.Equal(-0.5, tree.ValueOf(0), 6);
        Assert.Equal(4, asked);
    }

    [Fact]
    public void A_game_that_is_over_is_judged_by_the_rules_and_costs_no_evaluation()
    {
        // Cell 1 or cell 3 wins at once for the first player on 2×2; cell 3 has the larger prior.
        var game = new Hex(2);
        var position = new Position(0b0001, 0b0010);
        var tree = Started(game, position, Calm with { Simulations = 50 });
        var asked = Drive(tree, new Fixed([0, 0, 0.01f, 0.99f], 0));
        Assert.Equal(1, tree.ValueOf(tree.MostVisited()), 6);
        Assert.Equal(2, tree.MostVisited());
        Assert.Equal(50, tree.Visits().Sum());
        Assert.True(asked < 10, $"{asked}");
    }

    [Fact]
    public void A_kept_subtree_keeps_its_visits_and_its_values()
    {
        var game = new Hex(3);
        var tree = Started(game, default, Calm);
        Drive(tree, new Indifferent());
        var move = tree.MostVisited();
        var (visits, value) = (tree.Visits()[move], tree.ValueOf(move));
        tree.Advance(move);
        // The first visit of the move judged its position; the others went below it.
        Assert.Equal(visits - 1, tree.Visits().Sum());
        Assert.Equal(game.After(default, move), tree.Position);
        tree.Begin(Calm, new Random(0));
        Drive(tree, new Indifferent());
        Assert.Equal(visits - 1 + 400, tree.Visits().Sum());
        Assert.InRange(value, -1, 1);
    }

    [Fact]
    public void A_move_that_nobody_looked_at_starts_a_new_tree()
    {
        var game = new Hex(3);
        var tree = Started(game, default, Calm with { Simulations = 1 });
        Drive(tree, new Indifferent());
        tree.Advance(8);
        tree.Begin(Calm, new Random(0));
        Drive(tree, new Indifferent());
        Assert.Equal((400, 0), (tree.Visits().Sum(), tree.Visits()[8]));
    }

    [Fact]
    public void Noise_changes_the_search_of_the_root_and_follows_the_generator()
    {
        int[] VisitsOf(double noise, int seed)
        {
            var tree = new SearchTree(new Hex(3));
            tree.Start(default);
            tree.Begin(Calm with { Noise = noise, Simulations = 60 }, new Random(seed));
            Drive(tree, new Indifferent());
            return tree.Visits();
        }

        Assert.Equal(VisitsOf(0, 1), VisitsOf(0, 2));
        Assert.Equal(VisitsOf(0.25, 1), VisitsOf(0.25, 1));
        Assert.NotEqual(VisitsOf(0.25, 1), VisitsOf(0.25, 2));
    }

    [Fact]
    public void Forced_playouts_try_a_move_again_and_are_left_out_of_the_target()
    {
        // 2×2 as above, where no position is worth anything: PUCT alone goes 0, 1, 0, 2, 1, 0, by P / (1 + n) with the first of equal ones.
        // √(1.9 P N) is 1.23 for move 0 at N = 2, 1.31 for move 1 at 3, 1.38 for move 2 at 5, each with one visit then.
        var judge = new Fixed([0.4f, 0.3f, 0.2f, 0.1f], 0);
        var rules = Calm with { Simulations = 6, Exploration = 1 };
        var free = Started(new Hex(2), default, rules);
        Drive(free, judge);
        Assert.Equal([3, 2, 1, 0], free.Visits());
        Assert.Equal([3, 2, 1, 0], free.UnforcedVisits());

        var forced = Started(new Hex(2), default, rules with { ForcedPlayouts = 1.9 });
        Drive(forced, judge);
        Assert.Equal([2, 2, 2, 0], forced.Visits());
        // One visit of move 1 may go (√(1.9 · 0.3 · 6) = 1.8) and does not, as 0.3 / 2 is more than 0.4 / 3; one of move 2 (1.5) goes,
        // as 0.2 / 2 is less; and the one that is left goes with it.
        Assert.Equal([2, 2, 0, 0], forced.UnforcedVisits());
    }

    [Fact]
    public void Halving_gives_each_round_as_many_simulations()
    {
        // Four moves and sixteen simulations: two rounds of eight, twice for each of four and four times for each of two.
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], SequentialHalving.Plan(4, 16));
        Assert.Equal(Enumerable.Repeat(0, 16), SequentialHalving.Plan(16, 16));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3], SequentialHalving.Plan(9, 16));
        Assert.Equal([0, 1, 2], SequentialHalving.Plan(1, 3));
    }

    [Fact]
    public void The_improved_policy_completes_values_that_no_visit_gave()
    {
        // One simulation of one move, which is worth -0.5 then; the others the mean of the network's 0.5 and that. σ is 51 (1 + q) / 2.
        float[] priors = [0.4f, 0.3f, 0.2f, 0.1f];
        var tree = Started(new Hex(2), default, Calm with { Simulations = 1, GumbelMoves = 1 });
        Drive(tree, new Fixed(priors, 0.5f));
        var tried = tree.Visits().IndexOf(1);
        var all = 1 - priors[tried] + (priors[tried] * Math.Exp(-12.75));
        for (var move = 0; move < 4; move++)
            Assert.Equal(priors[move] * (move == tried ? Math.Exp(-12.75) : 1) / all, tree.ImprovedPolicy()[move], 1e-6);
        Assert.Equal(tried, tree.BestOfHalving());
    }

    [Fact]
    public void As_many_simulations_as_moves_find_a_winning_one_by_halving_where_values_are_right()
    {
        var game = new Hex(3);
        var solver = new HexSolver(game);
        var judge = new Knowing(game, knowsMoves: false);
        var random = new Random(4);
        for (var found = 0; found < 30; )
        {
            var position = default(Position);
            while (position.Ply < 3)
                position = game.After(position, HexTests.Drawn(game.Legal(position), random));
            if (game.Result(position) is not null || !solver.Wins(position))
                continue;
            found++;
            var tree = new SearchTree(game);
            tree.Start(position);
            tree.Begin(Calm with { Simulations = 6, GumbelMoves = 6 }, random);
            Drive(tree, judge);
            var winning = solver.WinningMoves(position);
            Assert.Equal((UInt128)1, winning >> tree.BestOfHalving() & 1);
            Assert.Equal(1, HexTests.Cells(winning).Sum(move => (double)tree.ImprovedPolicy()[move]), 1e-6);
        }
    }

    [Fact]
    public void Games_by_halving_follow_from_seed_game_and_move_too()
    {
        var rules = Samples.Rules with { Reuse = false, Noise = 0, SampledMoves = 0, GumbelMoves = 8 };
        Assert.Null(rules.Problem);
        Assert.NotNull((rules with { Reuse = true }).Problem);
        string[] Words(int threads) =>
            [
                .. Played(new Hex(4), threads, [.. Enumerable.Range(0, 6).Select(number => (long)number)], rules)
                    .SelectMany(game => game.Positions)
                    .Select(SearchTreeTests.Words),
            ];
        Assert.Equal(Words(1), Words(3));
        Assert.NotEmpty(Words(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Games_follow_from_seed_game_and_move_whatever_the_number_of_threads_and_of_games_beside_them(int threads)
    {
        var game = new Hex(4);
        var alone = Played(game, threads: 1, [3]);
        var among = Played(game, threads, [.. Enumerable.Range(0, 12).Select(number => (long)number)]);
        Assert.Equal(alone[0].Positions.Select(Words), among[3].Positions.Select(Words));
        Assert.NotEqual(among[3].Positions.Select(Words), among[4].Positions.Select(Words));
    }

    [Fact]
    public void The_winner_of_a_game_expects_1_at_each_of_its_moves_and_the_loser_minus_1()
    {
        foreach (var played in Played(new Hex(4), threads: 2, [.. Enumerable.Range(0, 20).Select(number => (long)number)]))
        {
            var positions = played.Positions.ToList();
            // One stone was drawn. The last move was the winner's.
            Assert.Equal(1, positions[0].Position.Ply);
            Assert.Equal(1, positions[^1].Value);
            var firstWon = positions[^1].Position.FirstMoves;
            Assert.All(positions, position => Assert.Equal(position.Position.FirstMoves == firstWon ? 1 : -1, position.Value));
            Assert.All(positions, position => Assert.Equal(1, position.Policy.Sum(), 4));
        }
    }

    [Fact]
    public void A_match_is_won_by_the_one_who_knows_more()
    {
        var game = new Hex(3);
        var rules = Samples.Rules with { GateGames = 20, GateLevel = 0.55, Simulations = 40 };
        var games = Gate.Games(game, rules, new Random(1));
        // Each opening is played twice, by either side.
        Assert.Equal(20, games.Count);
        new LockStep([new Knowing(game), new Indifferent()], game.Moves, threads: 2).Run(games);
        Assert.True(Gate.IsPassed(games, rules), $"{games.Sum(match => match.Points)}");
        var same = Gate.Games(game, rules, new Random(1));
        new LockStep([new Indifferent(), new Indifferent()], game.Moves, threads: 2).Run(same);
        // Two that are alike win each opening once with either side, or lose it once: half of them all.
        Assert.Equal(10, same.Sum(match => match.Points));
        Assert.False(Gate.IsPassed(same, rules));
    }

    [Fact]
    public void The_perfect_player_loses_to_one_who_knows_and_wins_against_one_who_does_not()
    {
        var game = new Hex(4);
        var solver = new HexSolver(game);
        int Won(ILeafJudge judge)
        {
            PerfectGame[] games =
            [
                .. Enumerable
                    .Range(0, 32)
                    .Select(index => new PerfectGame(game, solver, Calm with { Simulations = 10 }, index % 16, new Random(index))),
            ];
            new LockStep([judge], game.Moves, threads: 2).Run(games);
            return games.Count(played => played.IsWon);
        }

        Assert.Equal(32, Won(new Knowing(game)));
        Assert.True(Won(new Indifferent()) < 16);
    }

    private static string Words(PlayedPosition played) =>
        FormattableString.Invariant($"{played.Position.First} {played.Position.Second} {string.Join(' ', played.Policy)} {played.Value}");

    private static SelfPlayGame[] Played(Hex game, int threads, long[] numbers, PlayRules? rules = null)
    {
        SelfPlayGame[] games =
        [
            .. numbers.Select(number => new SelfPlayGame(game, rules ?? Samples.Rules, randomStones: 1, seed: 5, number)),
        ];
        new LockStep([new Indifferent()], game.Moves, threads).Run(games);
        return games;
    }

    private static SearchTree Started(Hex game, Position position, SearchRules rules, int seed = 0)
    {
        var tree = new SearchTree(game);
        tree.Start(position);
        tree.Begin(rules, new Random(seed));
        return tree;
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(1)]
    public void Noise_takes_its_part_of_the_priors_and_prefers_no_move(double noise)
    {
        // Where all leaves are worth as much, visits go by the priors: here a half for the first move of 25, and as much for all others.
        var priors = Enumerable.Range(0, 25).Select(move => move == 0 ? 0.5f : 0.5f / 24).ToArray();
        var rules = Calm with { Simulations = 1000, Noise = noise };
        double[] parts =
        [
            .. Enumerable
                .Range(0, 100)
                .Select(seed =>
                {
                    var tree = Started(new Hex(5), default, rules, seed);
                    Drive(tree, new Fixed(priors, 0));
                    return tree.Visits()[0] / 1000.0;
                }),
        ];
        // A Dirichlet distribution's mean is even, and its first part of 0.4 has a variance of 0.04 × 0.96 / 11.
        var error = noise * Math.Sqrt(0.04 * 0.96 / 11 / parts.Length);
        Assert.Equal(((1 - noise) * 0.5) + (noise / 25), parts.Average(), (expected, actual) =>
            Math.Abs(expected - actual) < (4 * error) + 0.01
        );
        Assert.True(parts.Max() - parts.Min() > 0.05);
    }

    [Fact]
    public void The_first_moves_are_drawn_by_their_visits_and_the_later_ones_are_those_that_were_visited_most()
    {
        List<Position[]> Games(int sampledMoves)
        {
            var rules = Samples.Rules with { Noise = 0, Symmetries = false, SampledMoves = sampledMoves };
            List<SelfPlayGame> games = [.. Enumerable.Range(0, 12).Select(number => new SelfPlayGame(new Hex(4), rules, 0, 1, number))];
            new LockStep([new Indifferent()], 16, threads: 1).Run(games);
            return games.ConvertAll(game => game.Positions.Select(played => played.Position).ToArray());
        }

        int Different(IEnumerable<Position[]> games) => games.Select(game => string.Join(' ', game)).Distinct().Count();
        Assert.Equal(1, Different(Games(sampledMoves: 0)));
        Assert.InRange(Different(Games(sampledMoves: 16)), 9, 12);
        // After one draw a game follows from where it led.
        var drawn = Games(sampledMoves: 1).GroupBy(game => game[1]).ToList();
        Assert.InRange(drawn.Count, 2, 12);
        Assert.All(drawn, games => Assert.Equal(1, Different(games)));
    }

    // How many leaves were asked for.
    private static int Drive(SearchTree tree, ILeafJudge judge)
    {
        var asked = 0;
        while (tree.Next() is { } leaf)
        {
            var (policy, value) = (new float[25], new float[1]);
            judge.Judge([leaf], policy, value);
            tree.Accept(policy, value[0]);
            asked++;
        }

        return asked;
    }

    /// <summary>All moves are alike to it, and so are all positions.</summary>
    private sealed class Indifferent : ILeafJudge
    {
        public void Judge(IReadOnlyList<Leaf> leaves, Span<float> policies, Span<float> values)
        {
            policies.Clear();
            values.Clear();
        }
    }

    private sealed class Fixed(float[] priors, float value) : ILeafJudge
    {
        public void Judge(IReadOnlyList<Leaf> leaves, Span<float> policies, Span<float> values)
        {
            for (var move = 0; move < priors.Length; move++)
                policies[move] = MathF.Log(priors[move]);
            values[0] = value;
        }
    }

    /// <summary>Knows who wins, and by which moves.</summary>
    private sealed class Knowing(Hex game, bool knowsMoves = true) : ILeafJudge
    {
        private readonly HexSolver solver = new(game);

        public void Judge(IReadOnlyList<Leaf> leaves, Span<float> policies, Span<float> values)
        {
            policies.Clear();
            for (var index = 0; index < leaves.Count; index++)
            {
                var winning = solver.WinningMoves(leaves[index].Position);
                values[index] = winning == 0 ? -1 : 1;
                foreach (var move in HexTests.Cells(knowsMoves ? winning : 0))
                    policies[(index * game.Moves) + move] = 5;
            }
        }
    }
}
