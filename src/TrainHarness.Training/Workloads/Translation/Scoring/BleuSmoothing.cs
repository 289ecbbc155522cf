namespace TrainHarness.Training.Workloads.Translation.Scoring;

/// <summary>What stands in for the precision of an order that has no match at all. Corpora of some size have none.</summary>
public enum BleuSmoothing
{
    /// <summary>The k-th such order counts as 1 / 2^k matches.</summary>
    Exp,

    /// <summary>Nothing: the score is 0.</summary>
    None,

    /// <summary>A tenth of a match.</summary>
    Floor,

    /// <summary>One more match in one more n-gram, for every order but the first.</summary>
    AddOne,
}
