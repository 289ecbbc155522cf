namespace TrainHarness.Protocol;

/// <summary>What an hour of a device costs.</summary>
/// <param name="Device">As the driver or the system names it, and as records hold it.</param>
/// <param name="DollarsPerHour">Of one device, in US dollars.</param>
/// <param name="Date">The day that the price was asked on.</param>
/// <param name="Source">Who asked it, for what.</param>
public sealed record DevicePrice(string Device, double DollarsPerHour, DateOnly Date, string Source);

/// <summary>Prices by device. A device that is not listed has none.</summary>
public sealed record PriceList(IReadOnlyList<DevicePrice> Devices)
{
    public static PriceList Empty { get; } = new([]);

    /// <summary>Null for an unknown device, and for one without a price.</summary>
    public DevicePrice? Find(string? device) =>
        device is null ? null : Devices.FirstOrDefault(price => string.Equals(price.Device, device, StringComparison.OrdinalIgnoreCase));

    /// <summary>These prices, and behind them the others for what these do not name.</summary>
    public PriceList Before(PriceList others) => new([.. Devices, .. others.Devices.Where(other => Find(other.Device) is null)]);
}
