namespace TrainHarness.Training.Layers;

/// <summary>A network whose output is the weight of an embedding, so that its last layer with weights lies inside.</summary>
public interface ITiedOutput;
