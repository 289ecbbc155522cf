using System.Globalization;
using TrainHarness.Files;

namespace TrainHarness.Protocol;

/// <summary>Reads prices strictly: configs/prices.yaml, or the prices of a study.</summary>
public static class PriceReader
{
    private const double MostDollarsPerHour = 1_000_000;

    /// <summary>The shipped prices, or those of the configs folder at hand; none where there is no such file.</summary>
    /// <param name="studyFile">Its own configs folder is asked first.</param>
    /// <exception cref="ConfigurationException">The file was not understood.</exception>
    public static PriceList ReadFor(string studyFile)
    {
        if (ConfigurationFolders.For(studyFile).FindFile("prices.yaml") is not { } file)
            return PriceList.Empty;
        var root = ConfigurationNode.Load(file);
        root.Allow("devices");
        return Read(root.Required("devices"));
    }

    public static PriceList Read(ConfigurationNode list)
    {
        var prices = new List<DevicePrice>();
        foreach (var item in list.Items())
        {
            var price = ReadOne(item);
            if (new PriceList(prices).Find(price.Device) is not null)
                throw item.Error($"the device '{price.Device}' stands twice; allowed: one price each.");
            prices.Add(price);
        }

        return new PriceList(prices);
    }

    private static DevicePrice ReadOne(ConfigurationNode node)
    {
        node.Allow("device", "dollarsPerHour", "date", "source");
        var date = node.Required("date");
        return new DevicePrice(
            node.Required("device").Text(),
            node.Required("dollarsPerHour").Positive(MostDollarsPerHour),
            DateOnly.TryParseExact(date.Text(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                ? day
                : throw date.Error($"'date' is '{date.Text()}'; allowed: a day as YEAR-MONTH-DAY, for example 2026-11-23."),
            node.Required("source").Text());
    }
}
