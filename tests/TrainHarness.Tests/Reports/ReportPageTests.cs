using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Playwright;
using TrainHarness.Reports;
using TrainHarness.Results;

namespace TrainHarness.Tests.Reports;

/// <summary>report.html as a reader has it: in a browser.</summary>
[Trait("Lane", "long")]
public sealed class ReportPageTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainharness-page-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("several-entries", 2)]
    [InlineData("one-trial", 1)]
    [InlineData("only-misses", 0)]
    [InlineData("nothing-yet", 0)]
    public async Task A_page_draws_its_charts_without_an_error_and_asks_the_network_for_nothing(string study, int interactive)
    {
        var (page, seen) = await Show(SampleReports.All[study]());
        Assert.Equal(interactive, await page.Locator(".interactive").CountAsync());
        Assert.Equal(interactive, await page.Locator(".interactive[data-drawn=true] .plot-container").CountAsync());
        Assert.Equal(interactive > 0, await page.Locator(".interactive .scatterlayer .trace").CountAsync() > 0);
        Assert.Equal(await page.Locator("figure").CountAsync(), interactive + await page.Locator(".static:visible > svg").CountAsync());
        Assert.Empty(seen);
    }

    [Fact]
    public async Task A_header_sorts_the_table_by_value_with_the_keyboard_alone_and_says_so()
    {
        var (page, seen) = await Show(SampleReports.All["several-entries"]());
        var header = page.Locator("#table-factors th[scope=col]").Last;
        await header.Locator("button").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("ascending", await header.GetAttributeAsync("aria-sort"));
        var rising = await Values(page);
        Assert.Equal(rising.Order(), rising);
        Assert.True(rising.Count > 3);
        await page.Keyboard.PressAsync("Space");
        Assert.Equal("descending", await header.GetAttributeAsync("aria-sort"));
        Assert.Equal(rising.OrderDescending(), await Values(page));
        Assert.Equal(1, await page.Locator("#table-factors th[aria-sort=descending], #table-factors th[aria-sort=ascending]").CountAsync());
        Assert.Equal("Sorted by reduction factor, descending.", await page.Locator("#announcement").TextContentAsync());
        Assert.Empty(seen);
    }

    [Fact]
    public async Task Every_table_has_a_caption_and_scopes_and_every_figure_a_name_and_its_numbers()
    {
        var (page, _) = await Show(SampleReports.All["several-entries"]());
        Assert.Equal(await page.Locator("table").CountAsync(), await page.Locator("table > caption").CountAsync());
        Assert.Equal(0, await page.Locator("th:not([scope])").CountAsync());
        Assert.Equal(await page.Locator("figure").CountAsync(), await page.Locator("figure details table").CountAsync());
        // Every name that something is labelled by stands in the page, once.
        Assert.Equal(
            "[]",
            await page.EvaluateAsync<string>(
                """
                () => JSON.stringify([...document.querySelectorAll('[aria-labelledby]')].map(e => e.getAttribute('aria-labelledby'))
                  .filter(id => document.querySelectorAll('#' + CSS.escape(id)).length !== 1))
                """
            )
        );
        Assert.Equal(
            "[]",
            await page.EvaluateAsync<string>(
                """
                () => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return JSON.stringify(ids.filter((id, i) => ids.indexOf(id) !== i)); }
                """
            )
        );
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the report", await page.EvaluateAsync<string>("() => document.activeElement.textContent"));
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1200)]
    [InlineData(ColorScheme.Dark, 1200)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task All_text_stands_out_from_its_ground_and_no_page_is_wider_than_its_window(ColorScheme scheme, int width)
    {
        var (page, _) = await Show(SampleReports.All["several-entries"](), scheme, width);
        Assert.Equal("[]", await page.EvaluateAsync<string>(Contrasts));
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"));
    }

    [Fact]
    public async Task In_print_the_drawings_take_the_place_of_the_interactive_charts()
    {
        var (page, _) = await Show(SampleReports.All["several-entries"]());
        var figures = await page.Locator("figure").CountAsync();
        Assert.True(await page.Locator(".static:visible").CountAsync() < figures);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        Assert.Equal(figures, await page.Locator(".static:visible").CountAsync());
        Assert.Equal(0, await page.Locator(".interactive:visible").CountAsync());
    }

    [Fact]
    public async Task Without_scripts_every_table_and_every_drawing_is_there_and_nothing_pretends_to_sort()
    {
        var report = SampleReports.All["several-entries"]();
        var (page, seen) = await Show(report, scripts: false);
        Assert.Equal(report.Charts().Count, await page.Locator("figure .static:visible > svg").CountAsync());
        Assert.Equal(0, await page.Locator(".interactive:visible").CountAsync());
        Assert.Equal(report.Analysed.Summary.Entries.Count, await page.Locator("#table-factors tbody tr:visible").CountAsync());
        Assert.Equal(report.Analysed.Trials().Count(), await page.Locator("#table-trials tbody tr:visible").CountAsync());
        // The numbers of a figure open without a script too.
        Assert.Equal(0, await page.Locator("#figure-efficiency details table:visible").CountAsync());
        await page.Locator("#figure-efficiency summary").ClickAsync();
        Assert.Equal(1, await page.Locator("#figure-efficiency details table:visible").CountAsync());
        Assert.Equal(
            "none",
            await page.Locator("#table-factors th button")
                .First.EvaluateAsync<string>("button => getComputedStyle(button, '::after').content")
        );
        Assert.Empty(seen);
    }

    [Fact]
    public async Task What_a_page_may_not_load_the_browser_refuses_to_load()
    {
        var (page, _) = await Show(SampleReports.All["one-trial"]());
        var refused = await page.EvaluateAsync<string[]>(
            """
            async () => {
              const refused = [];
              document.addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective));
              const tries = [() => fetch('http://127.0.0.1:9/'), () => new Promise((done, failed) => Object.assign(new Image(), { onload: done, onerror: failed, src: 'http://127.0.0.1:9/x.png' })),
                () => new Promise((done, failed) => document.body.append(Object.assign(document.createElement('script'), { onload: done, onerror: failed, src: 'http://127.0.0.1:9/x.js' })))];
              for (const attempt of tries) await attempt().then(() => refused.push('loaded'), () => {});
              await new Promise(requestAnimationFrame);
              return refused;
            }
            """
        );
        Assert.Equal(["connect-src", "img-src", "script-src-elem"], refused);
    }

    [Fact]
    public async Task Names_with_signs_of_HTML_stand_in_the_charts_as_they_are()
    {
        const string Odd = "a<b>&amp;\"c\"</b>";
        var made = new SyntheticStudy(6, 3, 40);
        var (study, results) = (made.Study, made.Results());
        results[Odd] = [.. results[study.Entries[0].Name].Select(trial => trial with { Record = trial.Record with { Entry = Odd } })];
        var report = SampleReports.Of(study with { Entries = [study.Entries[0] with { Name = Odd, Architecture = Odd }] }, results);
        var (page, seen) = await Show(report);
        await Assertions
            .Expect(page.Locator("#figure-efficiency .textpoint text").Filter(new() { HasTextString = Odd }))
            .ToHaveCountAsync(1, new() { Timeout = Patience });
        // The interactive threshold curve names its lines in the legend.
        await Assertions
            .Expect(page.Locator("#figure-threshold .legendtext").Filter(new() { HasTextString = Odd }))
            .ToHaveCountAsync(1, new() { Timeout = Patience });
        Assert.Empty(seen);
    }

    [Fact]
    public async Task Names_that_look_like_HTML_are_text_and_end_no_script()
    {
        const string Evil = "x</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";
        var made = new SyntheticStudy(3, 3, 40) { Device = _ => Evil, Name = "a-b" };
        var report = SampleReports.Of(made);
        var entries = report
            .Analysed.Summary.Entries.Select((entry, index) => index == 1 ? entry with { Architecture = Evil } : entry)
            .ToList();
        var (page, seen) = await Show(
            new StudyReport(report.Analysed with { Summary = report.Analysed.Summary with { Entries = entries, Study = Evil } })
        );
        Assert.DoesNotContain("owned", (await page.TitleAsync()).Split('–')[^1], StringComparison.Ordinal);
        Assert.Equal(0, await page.Locator("img").CountAsync());
        Assert.Equal(Evil, await page.Locator("h1").TextContentAsync());
        Assert.Empty(seen);
    }

    [Fact]
    public async Task Five_thousand_trials_make_a_page_that_says_what_it_leaves_out()
    {
        var (page, seen) = await Show(SampleReports.Of(new SyntheticStudy(500, 10, 30)));
        Assert.Contains("60 of 5000 trials are drawn", await page.Locator("#figure-compute").TextContentAsync(), StringComparison.Ordinal);
        Assert.Contains("The first 200 of 5000 rows", await page.Locator("main").TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(500, await page.Locator("#table-factors tbody tr").CountAsync());
        Assert.True(new FileInfo(Path.Combine(folder, "report.html")).Length < 12_000_000);
        Assert.Empty(seen);
    }

    /// <summary>In milliseconds.</summary>
    private const float Patience = 120_000;

    /// <summary>
    /// Texts with less than 4.5 : 1 against the nearest ground behind them (WCAG 2.1, 1.4.3), in the document and in the charts.
    /// </summary>
    [StringSyntax("js")]
    private const string Contrasts = """
        () => {
          const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
          const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
          const parts = text => (text.match(/[\d.]+/g) ?? []).map(Number);
          const ground = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
          const poor = [];
          for (const e of document.querySelectorAll('h1,h2,h3,p,li,th,td,caption,summary,button,figcaption,.interactive .xtick text,.interactive .legendtext,.interactive .xtitle')) {
            if (!e.textContent.trim() || !e.checkVisibility()) continue;
            const style = getComputedStyle(e), ink = parts(e instanceof SVGElement ? style.fill : style.color);
            const [a, b] = [light(ink), light(ground(e))].sort((x, y) => y - x);
            if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(e.textContent.slice(0, 40) + ' ' + ink);
          }
          return JSON.stringify([...new Set(poor)]);
        }
        """;

    private static async Task<IReadOnlyList<double>> Values(IPage page)
    {
        var values = await page.EvaluateAsync<JsonElement>(
            "() => [...document.querySelectorAll('#table-factors tbody tr')].map(row => "
                + "row.lastElementChild.dataset.value).filter(value => value !== undefined).map(Number)"
        );
        return [.. values.EnumerateArray().Select(value => value.GetDouble())];
    }

    /// <summary>Opens the page of a report; what it complains of or asks for is in the list.</summary>
    private async Task<(IPage Page, List<string> Seen)> Show(
        StudyReport report,
        ColorScheme scheme = ColorScheme.Light,
        int width = 1200,
        bool scripts = true
    )
    {
        var page = await chromium.Open(scheme, width, scripts);
        report.Write(new ResultStore(folder));
        var seen = new List<string>();
        page.Console += (_, message) => seen.Add($"console {message.Type}: {message.Text}");
        page.PageError += (_, error) => seen.Add("error: " + error);
        page.Request += (_, request) => seen.Add("request: " + request.Url);
        var file = new Uri(Path.Combine(folder, "report.html")).AbsoluteUri;
        await page.GotoAsync(file, new() { Timeout = Patience });
        if (scripts)
            await Assertions.Expect(page.Locator(".interactive:not([data-drawn])")).ToHaveCountAsync(0, new() { Timeout = Patience });
        seen.Remove("request: " + file);
        return (page, seen);
    }
}
