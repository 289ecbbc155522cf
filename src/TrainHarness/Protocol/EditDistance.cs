namespace TrainHarness.Protocol;

/// <summary>How many letters must be added, removed, replaced or swapped with their neighbour to make one word of another.</summary>
internal static class EditDistance
{
    /// <summary>The optimal string alignment distance (Damerau 1964; no letter is changed twice).</summary>
    public static int Between(string from, string to)
    {
        var table = new int[from.Length + 1, to.Length + 1];
        for (var row = 0; row <= from.Length; row++)
            table[row, 0] = row;
        for (var column = 0; column <= to.Length; column++)
            table[0, column] = column;
        for (var row = 1; row <= from.Length; row++)
        {
            for (var column = 1; column <= to.Length; column++)
            {
                var replaced = table[row - 1, column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1);
                table[row, column] = Math.Min(replaced, 1 + Math.Min(table[row - 1, column], table[row, column - 1]));
                if (row > 1 && column > 1 && from[row - 1] == to[column - 2] && from[row - 2] == to[column - 1])
                    table[row, column] = Math.Min(table[row, column], table[row - 2, column - 2] + 1);
            }
        }

        return table[from.Length, to.Length];
    }
}
