namespace TrainHarness.Training.Native.Libtorch;

/// <summary>libtorch could not be loaded or cannot be trusted. The message is one line: what is wrong, and what is allowed.</summary>
public sealed class TorchLoadException : Exception
{
    public TorchLoadException(string message)
        : base(message) { }

    public TorchLoadException(string message, Exception inner)
        : base(message, inner) { }
}
