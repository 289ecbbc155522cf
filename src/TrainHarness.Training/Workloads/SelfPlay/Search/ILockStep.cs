namespace TrainHarness.Training.Workloads.SelfPlay.Search;

/// <summary>One of many searches that wait for the network together.</summary>
internal interface ILockStep
{
    /// <summary>Goes on to the next leaf that needs an opinion.</summary>
    /// <returns>The leaf, and which judge is asked; null where nothing is left to do.</returns>
    (Leaf Leaf, int Judge)? Next();

    /// <summary>Takes the opinion of the leaf that was asked for last.</summary>
    void Accept(ReadOnlySpan<float> logits, float value);
}
