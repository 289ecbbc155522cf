using Microsoft.Playwright;

namespace TrainHarness.Tests.Reports;

/// <summary>The system's own headless Chromium, one for all tests of a class.</summary>
public sealed class Chromium : IAsyncLifetime
{
    // What a browser of its own accord asks the network for stays out of the way.
    private static readonly string[] Quiet =
    [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];

    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (Array.Find(Places, File.Exists) is not { } executable)
            return;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions
            {
                ExecutablePath = executable,
                Args = Quiet,
                Timeout = 120_000,
            }
        );
    }

    /// <summary>A page with nothing open. Without a Chromium a test is skipped here and fails in continuous integration.</summary>
    public async Task<IPage> Open(ColorScheme scheme = ColorScheme.Light, int width = 1200, bool scripts = true)
    {
        const string Missing = "No Chromium here (apt-get install chromium); .ci/run installs it.";
        if (browser is null && Environment.GetEnvironmentVariable("CI") is "true" or "1")
            Assert.Fail(Missing);
        Assert.SkipWhen(browser is null, Missing);
        var context = await browser!.NewContextAsync(
            new BrowserNewContextOptions
            {
                ColorScheme = scheme,
                ViewportSize = new ViewportSize { Width = width, Height = 900 },
                JavaScriptEnabled = scripts,
            }
        );
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }
}
