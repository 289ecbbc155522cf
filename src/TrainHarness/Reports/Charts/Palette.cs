namespace TrainHarness.Reports.Charts;

/// <summary>
/// Colours that stand apart for colour-blind readers too (after Okabe and Ito 2008) and have a contrast of at least 3 : 1
/// with a white and with a near-black page.
/// </summary>
public static class Palette
{
    private static readonly string[] Hues = ["#0072b2", "#c75400", "#00875a", "#b5508c", "#8a6d00", "#5b6ee1", "#c0392b", "#00818f"];

    /// <summary>For whatever has no colour of its own.</summary>
    public const int Grey = -1;

    /// <summary>How many series can have a colour of their own.</summary>
    public static int Count => Hues.Length;

    public static string Colour(int index) => index == Grey ? "#767b84" : Hues[index % Hues.Length];
}
