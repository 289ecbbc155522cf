using System.Numerics;

namespace TrainHarness.Training.Workloads.SelfPlay.Games;

/// <summary>The bits of a set of cells, or of moves.</summary>
internal static class Cells
{
    /// <summary>Their numbers, rising.</summary>
    public static Numbers Of(UInt128 set) => new(set);

    /// <summary>The number of the bit that is the given one in the order of the bits, counted from 0.</summary>
    public static int At(UInt128 set, int place)
    {
        foreach (var number in Of(set))
        {
            if (place-- == 0)
                return number;
        }

        throw new ArgumentOutOfRangeException(nameof(place));
    }

    /// <summary>Walks over a set without an allocation.</summary>
    public ref struct Numbers(UInt128 set)
    {
        private ulong low = (ulong)set;
        private ulong high = (ulong)(set >> 64);

        public int Current { get; private set; } = -1;

        public readonly Numbers GetEnumerator() => this;

        public bool MoveNext()
        {
            if (low != 0)
            {
                Current = BitOperations.TrailingZeroCount(low);
                low &= low - 1;
                return true;
            }

            if (high == 0)
                return false;
            Current = 64 + BitOperations.TrailingZeroCount(high);
            high &= high - 1;
            return true;
        }
    }
}
