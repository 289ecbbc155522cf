using TrainHarness.Protocol;

namespace TrainHarness.Tests.Protocol;

public sealed class SeedsTests
{
    // sha256("1/weights/0") as printed by: printf '1/weights/0' | sha256sum
    [Fact]
    public void A_seed_is_the_start_of_the_SHA_256_of_its_name() => Assert.Equal(Expected("657de59e4214963d"), Seeds.For(1, "weights"));

    [Fact]
    public void Names_seeds_and_indices_all_count()
    {
        ulong[] seeds = [Seeds.For(1, "weights"), Seeds.For(2, "weights"), Seeds.For(1, "order"), Seeds.For(1, "order", 1)];
        Assert.Equal(seeds.Length, seeds.Distinct().Count());
    }

    private static ulong Expected(string firstEightBytes) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(Convert.FromHexString(firstEightBytes));
}
