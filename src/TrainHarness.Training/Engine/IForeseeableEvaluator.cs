using TrainHarness.Compute;

namespace TrainHarness.Training.Engine;

/// <summary>
/// An evaluation that is the same work every time, so that a plan knows what it will cost. One that decodes or plays is not.
/// </summary>
public interface IForeseeableEvaluator : IEvaluator
{
    /// <summary>What one evaluation spends.</summary>
    Macs Price { get; }

    /// <summary>Does a part of it on throw-away data, for a plan to time.</summary>
    /// <returns>The part of a whole evaluation, above 0; more than 1 where a whole one is less.</returns>
    double Rehearse();
}
