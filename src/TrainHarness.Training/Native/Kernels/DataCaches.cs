namespace TrainHarness.Training.Native.Kernels;

/// <summary>
/// How large oneDNN takes the data caches of an AMD processor to be. It reads three of them, whatever the processor answers: where that
/// answer is empty, as on virtual machines that hide the caches, each has one line of one byte in one way of one set, and so one byte.
/// </summary>
/// <remarks>Xbyak of oneDNN 3.x, <c>Cpu::setCacheHierarchy</c>; AMD64 Architecture Programmer's Manual 3, E.4.15.</remarks>
internal static class DataCaches
{
    public const int Levels = 3;

    private const int Leaf = unchecked((int)0x8000001D);

    // oneDNN's own guesses for a processor whose caches it cannot read (cpu/platform.cpp), of one core each.
    private const int FirstGuess = 32 * 1024;
    private const int SecondGuess = 512 * 1024;
    private const int ThirdGuess = 1024 * 1024;

    // CPUID 0x80000005 and 0x80000006 (the same manual, E.4.3 and E.4.4): kilobytes of the first and the second cache.
    private const int FirstCache = unchecked((int)0x80000005);
    private const int SecondCache = unchecked((int)0x80000006);

    // The second entry is the cache of instructions, which oneDNN leaves out by its place.
    private static readonly int[] Subleaves = [0, 2, 3];

    /// <param name="cpuId">What the processor says of itself, by leaf and subleaf.</param>
    /// <returns>Bytes.</returns>
    public static int[] AsRead(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> cpuId) =>
        [.. Subleaves.Select(subleaf => Bytes(cpuId(Leaf, subleaf)))];

    /// <summary>
    /// What oneDNN is to work with where they are hidden: by the processor's older way to tell, or else oneDNN's own guess. Per core.
    /// </summary>
    /// <param name="cpuId">As above.</param>
    /// <returns>Bytes.</returns>
    public static int[] Told(Func<int, int, (int Eax, int Ebx, int Ecx, int Edx)> cpuId)
    {
        var first = (int)((uint)cpuId(FirstCache, 0).Ecx >> 24) * 1024;
        var second = (int)((uint)cpuId(SecondCache, 0).Ecx >> 16) * 1024;
        return [Sound(first, FirstGuess), Sound(second, SecondGuess), ThirdGuess];
    }

    // Half to four times of the guess: what a hypervisor makes up is no better than a guess.
    private static int Sound(int told, int guess) => told >= guess / 2 && told <= guess * 4 ? told : guess;

    private static int Bytes((int Eax, int Ebx, int Ecx, int Edx) answer)
    {
        var (line, partitions, ways, sets) = (
            (answer.Ebx & 0xFFF) + 1,
            ((answer.Ebx >> 12) & 0x3FF) + 1,
            ((answer.Ebx >>> 22) & 0x3FF) + 1,
            answer.Ecx + 1
        );
        return line * partitions * ways * sets;
    }
}
