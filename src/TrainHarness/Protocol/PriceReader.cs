using System.Globalization;
using System.Text.Json.Nodes;
using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>Reads prices strictly: configs/prices.yaml, or the prices of a study.</summary>
public static class PriceReader
{
    private static readonly Fields<DevicePrice> One = new(
        new DevicePrice("", 1, default, ""),
        Field.Required(
            "device",
            Kind.Text,
            "As the driver or the system names it, and as records hold it.",
            (DevicePrice price) => price.Device,
            (price, value) => price with { Device = value }
        ),
        Field.Required(
            "dollarsPerHour",
            Kind.Positive(1_000_000),
            "Of one device, in US dollars.",
            (DevicePrice price) => price.DollarsPerHour,
            (price, value) => price with { DollarsPerHour = value }
        ),
        Field.Required(
            "date",
            new Kind<DateOnly>(ReadDay, day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), DaySchema),
            "The day that the price was asked on.",
            (DevicePrice price) => price.Date,
            (price, value) => price with { Date = value }
        ),
        Field.Required(
            "source",
            Kind.Text,
            "Who asked it, for what.",
            (DevicePrice price) => price.Source,
            (price, value) => price with { Source = value }
        )
    );

    /// <summary>A list of prices, in which each device has one price.</summary>
    internal static Kind<PriceList> AsKind { get; } =
        new(Read, prices => prices.Devices.Select(One.Lines).ToList(), Kind.List(Kind.Mapping(One)).Schema);

    /// <summary>Keys of configs/prices.yaml.</summary>
    internal static Fields<PriceList> Fields { get; } =
        new(
            PriceList.Empty,
            Field.Required("devices", AsKind, "What an hour of each device costs.", (PriceList prices) => prices, (_, value) => value)
        );

    /// <summary>The shipped prices, or those of the configs folder at hand; none where there is no such file.</summary>
    /// <param name="studyFile">Its own configs folder is asked first.</param>
    /// <exception cref="ConfigurationException">The file was not understood.</exception>
    public static PriceList ReadFor(string studyFile) =>
        ConfigurationFolders.For(studyFile).FindFile("prices.yaml") is { } file
            ? Fields.Read(ConfigurationNode.Load(file))
            : PriceList.Empty;

    public static PriceList Read(ConfigurationNode list)
    {
        var prices = new List<DevicePrice>();
        foreach (var item in list.Items())
        {
            var price = One.Read(item);
            if (new PriceList(prices).Find(price.Device) is not null)
                throw item.Error($"duplicate device '{price.Device}'; allowed: one price each.");
            prices.Add(price);
        }

        return new PriceList(prices);
    }

    private static DateOnly ReadDay(ConfigurationNode node) =>
        DateOnly.TryParseExact(node.Text(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw node.Error($"'date' is '{node.Text()}'; allowed: a day as YEAR-MONTH-DAY, for example 2026-11-23.");

    private static JsonObject DaySchema() => new() { ["type"] = "string", ["pattern"] = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" };
}
