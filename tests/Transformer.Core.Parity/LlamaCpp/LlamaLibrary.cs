using System.Text;
using LLama.Native;

namespace Transformer.Core.Parity.LlamaCpp;

/// <summary>llama.cpp's native library: loaded once; where that fails, tests are skipped with the reason.</summary>
internal static class LlamaLibrary
{
    private static readonly StringBuilder Messages = new();
    private static readonly Lazy<string?> Loaded = new(Load);

    /// <summary>Why there is no llama.cpp here, or null.</summary>
    public static string? WhyMissing => Loaded.Value;

    /// <summary>What it logged: the reason when a file does not load.</summary>
    public static string Log
    {
        get
        {
            lock (Messages)
                return Messages.ToString();
        }
    }

    private static string? Load()
    {
        try
        {
            NativeLibraryConfig.All.WithLogCallback((_, message) =>
            {
                lock (Messages)
                    Messages.Append(message);
            });
            NativeApi.llama_empty_call();
            return null;
        }
        catch (Exception exception)
        {
            // LLamaSharp throws types of its own, the runtime DllNotFoundException and TypeInitializationException.
            return $"llama.cpp's native library did not load: {exception.Message}";
        }
    }
}

/// <summary>A theory that needs llama.cpp; reported as skipped, with the reason, where it cannot be loaded.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LlamaTheoryAttribute : TheoryAttribute
{
    public LlamaTheoryAttribute() => Skip = LlamaLibrary.WhyMissing;
}

/// <summary>A fact that needs llama.cpp; reported as skipped, with the reason, where it cannot be loaded.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LlamaFactAttribute : FactAttribute
{
    public LlamaFactAttribute() => Skip = LlamaLibrary.WhyMissing;
}
