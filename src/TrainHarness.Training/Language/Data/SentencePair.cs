namespace TrainHarness.Training.Language.Data;

/// <summary>A sentence and its translation, as text.</summary>
public readonly record struct SentencePair(string Source, string Target);
