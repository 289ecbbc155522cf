namespace TrainHarness.Reports.Charts;

/// <summary>Where the name of a point stands beside it.</summary>
public enum LabelSide
{
    Right,
    Left,
    Above,
    Below,
}

/// <summary>Places names of points so that they cover neither each other nor points; a name without a free place is left out.</summary>
public static class LabelPlacement
{
    private const double LetterWidth = 6.6;
    private const double LineHeight = 16;
    private const double Gap = 7;

    /// <summary>A chart with more names than this is full.</summary>
    private const int MaxNames = 300;

    /// <summary>The names of a chart's points that have a free place.</summary>
    public static IReadOnlyDictionary<SeriesPoint, LabelSide> Of(Chart chart, double width, double height)
    {
        var (across, up) = (AxisRange.Across(chart), AxisRange.Up(chart));
        var named = chart
            .Series.SelectMany(series => series.Points)
            .Where(point => point.Label is not null)
            .Distinct()
            .Take(MaxNames)
            .ToList();
        var sides = Place(
            [.. named.Select(point => (across.PartOf(point.X) * width, (1 - up.PartOf(point.Y)) * height, point.ShownLabel!))],
            width,
            height
        );
        return named.Zip(sides).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First, pair => pair.Second!.Value);
    }

    /// <param name="points">In pixels from the top left, the important ones first.</param>
    /// <returns>The side of each, in the same order; null for one that is left out.</returns>
    public static IReadOnlyList<LabelSide?> Place(IReadOnlyList<(double X, double Y, string Text)> points, double width, double height)
    {
        var taken = points.Select(point => new Box(point.X - 4, point.Y - 4, point.X + 4, point.Y + 4)).ToList();
        var sides = new List<LabelSide?>();
        for (var index = 0; index < points.Count; index++)
        {
            var point = points[index];
            var own = taken[index];
            LabelSide? chosen = null;
            foreach (var side in Enum.GetValues<LabelSide>())
            {
                var box = BoxOf(point, side);
                if (
                    box.Left < 0
                    || box.Top < 0
                    || box.Right > width
                    || box.Bottom > height
                    || taken.Exists(other => other != own && other.Meets(box))
                )
                    continue;
                chosen = side;
                taken.Add(box);
                break;
            }

            sides.Add(chosen);
        }

        return sides;
    }

    private static Box BoxOf((double X, double Y, string Text) point, LabelSide side)
    {
        var (length, half) = (point.Text.Length * LetterWidth, LineHeight / 2);
        return side switch
        {
            LabelSide.Right => new Box(point.X + Gap, point.Y - half, point.X + Gap + length, point.Y + half),
            LabelSide.Left => new Box(point.X - Gap - length, point.Y - half, point.X - Gap, point.Y + half),
            LabelSide.Above => new Box(point.X - (length / 2), point.Y - Gap - LineHeight, point.X + (length / 2), point.Y - Gap),
            _ => new Box(point.X - (length / 2), point.Y + Gap, point.X + (length / 2), point.Y + Gap + LineHeight),
        };
    }

    private sealed record Box(double Left, double Top, double Right, double Bottom)
    {
        public bool Meets(Box other) => Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;
    }
}
