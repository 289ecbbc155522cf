using System.Security.Cryptography;
using static TorchSharp.torch;

namespace TrainHarness.Training.Checkpoints;

/// <summary>Identifies the weights and buffers of a network, bit for bit.</summary>
internal static class WeightsFingerprint
{
    /// <summary>SHA-256 of names, types, shapes and values; 64 lower-case hexadecimal digits.</summary>
    public static string Of(nn.Module network)
    {
        using var hash = SHA256.Create();
        using (var hashed = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
            TensorFile.Save(network.state_dict(), hashed);
        return Convert.ToHexStringLower(hash.Hash!);
    }

    /// <summary>Name of the first weight or buffer that holds a value which is not finite; null where all are.</summary>
    public static string? FirstNotFinite(nn.Module network)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return network.state_dict().FirstOrDefault(pair => pair.Value.is_floating_point() && !pair.Value.isfinite().all().item<bool>()).Key;
    }
}
