namespace Transformer.Core.WebCompletion.Tests.Support;

/// <summary>The browser of this machine; Playwright's own is not downloaded.</summary>
internal static class Browsers
{
    public static string? Chromium { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => (string[])[Path.Combine(folder, "chromium"), Path.Combine(folder, "google-chrome")]).FirstOrDefault(File.Exists);

    public static string? Missing => Chromium is null ? "no chromium on the path" : null;
}

/// <summary>A fact for which a Chromium must be on the path; skipped, with the reason, where there is none.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Browsers.Missing;
}

/// <inheritdoc cref="BrowserFactAttribute"/>
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Browsers.Missing;
}
