namespace TrainHarness.GpuCheck.Checks;

/// <summary>What every check is asked with.</summary>
/// <param name="Device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
/// <param name="Python">A Python with PyTorch, and its arguments.</param>
/// <param name="Script">compare-pytorch.py.</param>
/// <param name="Folder">Where checks may leave files; it is there.</param>
/// <param name="Seconds">How long the check may take.</param>
internal sealed record CheckRequest(string Device, string Python, string Script, string Folder, double Seconds)
{
    /// <summary>
    /// On a CPU sizes are as small as they can be: it shows that a check works, and no figure of it means anything for a GPU.
    /// </summary>
    public bool IsTiny => Device == "cpu";
}
