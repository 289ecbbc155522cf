namespace TrainHarness.Training.Pricing;

/// <summary>
/// A module of this program that says of itself that it has no multiply-adds: normalisation, pooling, what only moves numbers about.
/// </summary>
public interface IUnpricedModule;
