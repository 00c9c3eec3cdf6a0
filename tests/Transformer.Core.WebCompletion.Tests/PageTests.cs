using Microsoft.Playwright;
using Transformer.Core.Extensions.AI.Tests.Support;
using Transformer.Core.WebCompletion.Tests.Support;

namespace Transformer.Core.WebCompletion.Tests;

/// <summary>The page by a person's steps, in a real browser. TRANSFORMER_SCREENSHOTS=folder keeps pictures.</summary>
public sealed class PageTests(PageTests.ChromiumFixture chromium) : IClassFixture<PageTests.ChromiumFixture>
{
    [BrowserTheory]
    [InlineData(390, 844, ColorScheme.Dark)]
    [InlineData(1280, 800, ColorScheme.Light)]
    public async Task Text_streams_alternatives_open_and_stop_stops(int width, int height, ColorScheme scheme)
    {
        using WebApp app = new();
        IPage page = await chromium.Open(app, width, height, scheme);
        await Expect(page.Locator("#model")).ToHaveTextAsync("primer");
        await page.GetByLabel("Prompt").FillAsync("我爱中华人民共和");
        await page.GetByLabel("Temperature").FillAsync("0");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();

        ILocator tokens = page.Locator(".token");
        await Expect(page.Locator("#status")).ToContainTextAsync("the model ended the text");
        (await page.Locator("#text").InnerTextAsync()).Should().StartWith("我爱中华人民共和国。");
        await Expect(tokens.First).ToHaveTextAsync("国");

        await tokens.Nth(1).ClickAsync();
        ILocator details = page.Locator("#details");
        await Expect(details).ToBeVisibleAsync();
        await Expect(details.Locator("li")).ToHaveCountAsync(8);
        await Expect(details.Locator("li.chosen .name")).ToHaveTextAsync("。");
        await Expect(details.Locator("li.chosen .value")).ToHaveTextAsync("73.2 %");
        await chromium.Picture(page, $"alternatives-{width}");
        (await page.EvaluateAsync<bool>("(() => { const box = document.querySelector('.token[aria-pressed=true]').getBoundingClientRect(); return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2).closest('.token') !== null })()"))
            .Should().BeTrue("the alternatives do not cover their token");
        (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth")).Should().BeTrue("nothing is wider than the screen");

        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(details.Locator("li.chosen .name")).ToHaveTextAsync("国");
        await page.Keyboard.PressAsync("Escape");
        await Expect(details).ToBeHiddenAsync();
        (await page.EvaluateAsync<string>("document.activeElement.textContent")).Should().Be("国", "the keyboard stays where it was");

        await page.GetByLabel("Prompt").FillAsync("Once upon a time,");
        await page.GetByLabel("Temperature").FillAsync("0.8");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(page.Locator("#start")).ToBeEnabledAsync();
        await chromium.Picture(page, $"text-{width}");
        chromium.Problems.Should().BeEmpty();
    }

    [BrowserTheory]
    [InlineData(390, 844)]
    [InlineData(1280, 800)]
    public async Task Stop_stops_and_frees_the_place(int width, int height)
    {
        using WebApp app = WebApp.With(EndlessModel.Model, options => options.Defaults = EndlessModel.Options);
        IPage page = await chromium.Open(app, width, height, ColorScheme.Light);
        await page.GetByLabel("Max tokens").FillAsync("100000");
        await page.GetByLabel("Prompt").FocusAsync();
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator(".token").Nth(20)).ToBeVisibleAsync();
        app.Gate.Running.Should().Be(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync("Stopped after");
        for (int i = 0; i < 1000 && app.Gate.Running > 0; i++)
            await Task.Delay(5);
        app.Gate.Running.Should().Be(0);
        int count = await page.Locator(".token").CountAsync();
        await Task.Delay(100);
        (await page.Locator(".token").CountAsync()).Should().Be(count);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Start" })).ToBeEnabledAsync();
    }

    [BrowserFact]
    public async Task What_a_model_writes_is_text_and_a_character_of_several_tokens_is_one()
    {
        const string Answer = "<img src=x onerror=alert(1)> é 🙂 </p><script>alert(2)</script>";
        ScriptedModel model = new();
        using WebApp app = WebApp.With(model.Model, options => options.Defaults = model.Answers(Answer));
        IPage page = await chromium.Open(app, 390, 844, ColorScheme.Dark);
        await page.GetByLabel("Prompt").FillAsync("<b>&amp;");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync("ended the text");
        (await page.Locator("#text").TextContentAsync()).Should().Be("<b>&amp;" + Answer + "</s>");
        (await page.Locator("#text img, #text script, #text b").CountAsync()).Should().Be(0);
        await Expect(page.Locator(".token", new() { HasText = "🙂" })).ToHaveCountAsync(1);
        chromium.Problems.Should().BeEmpty();
    }

    [BrowserFact]
    public async Task What_is_wrong_is_said()
    {
        using WebApp app = WebApp.With(EndlessModel.Model, options => options.Defaults = EndlessModel.Options, ("Concurrency:MaxGenerations", "1"), ("Concurrency:QueueLimit", "0"));
        using IDisposable place = await app.Gate.EnterAsync();
        IPage page = await chromium.Open(app, 1280, 800, ColorScheme.Dark);
        await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync("The server is busy. Try again in 1 s.");
        place.Dispose();
        await page.GetByLabel("Prompt").FillAsync(new string('x', 5000));
        await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(page.Locator("#status")).ToContainTextAsync("maximum context length is 4096 tokens");
        await Expect(page.Locator("#start")).ToBeEnabledAsync();
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    /// <summary>One browser for all tests.</summary>
    public sealed class ChromiumFixture : IAsyncLifetime
    {
        private IPlaywright? _playwright;
        private IBrowser? _browser;

        /// <summary>What pages complained of.</summary>
        public List<string> Problems { get; } = [];

        public async Task InitializeAsync()
        {
            if (Browsers.Chromium is not { } path)
                return;
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox"] });
        }

        public async Task<IPage> Open(WebApp app, int width, int height, ColorScheme scheme)
        {
            Problems.Clear();
            IPage page = await _browser!.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme });
            page.SetDefaultTimeout(15000);
            page.PageError += (_, error) => Problems.Add(error);
            page.Dialog += (_, dialog) => Problems.Add(dialog.Message);
            page.Console += (_, message) =>
            {
                if (message.Type == "error")
                    Problems.Add(message.Text);
            };
            await page.GotoAsync(app.Address.ToString());
            return page;
        }

        public Task Picture(IPage page, string name) => Environment.GetEnvironmentVariable("TRANSFORMER_SCREENSHOTS") is { Length: > 0 } folder
            ? page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png") })
            : Task.CompletedTask;

        public async Task DisposeAsync()
        {
            if (_browser is not null)
                await _browser.DisposeAsync();
            _playwright?.Dispose();
        }
    }
}
