using System.Text;

namespace Transformer.Core.Tool.Completion;

/// <summary>The prompt of <c>--prompt</c>, or what is piped in.</summary>
internal static class PromptText
{
    /// <param name="given">The option's value, or null.</param>
    /// <exception cref="ArgumentException">There is neither: nobody types a prompt into a terminal here.</exception>
    public static string Read(string? given)
    {
        if (given is not null)
            return given;
        if (!Console.IsInputRedirected)
            throw Neither();
        using StreamReader input = new(Console.OpenStandardInput(), new UTF8Encoding(false));
        string text = input.ReadToEnd();
        if (text.Length == 0)
            throw Neither();
        // echo ends its text with a line feed that nobody means
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;

        static ArgumentException Neither() => new("Expected --prompt or text on standard input, found neither.");
    }
}
