namespace TrainHarness.Compute;

/// <summary>
/// How a count of multiply-adds becomes a number of FLOPs. Numbers of different conventions are never divided by each other.
/// </summary>
public enum Convention
{
    /// <summary>A multiply-add is 2 FLOPs; the backward pass is counted layer by layer.</summary>
    Exact,

    /// <summary>
    /// A multiply-add is 1 FLOP and training costs 3 × forward, and what made its data once (Hernandez &amp; Brown 2020, Table 3).
    /// </summary>
    Paper,

    /// <summary>
    /// A multiply-add is 2 FLOPs and training costs 3 × forward, and what made its data once (AI and Compute, 2018, method 1).
    /// </summary>
    AiAndCompute,

    /// <summary>A multiply-add is 2 FLOPs; the forward pass only (inference).</summary>
    Forward,
}
