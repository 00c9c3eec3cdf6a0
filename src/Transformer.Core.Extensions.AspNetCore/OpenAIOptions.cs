using Transformer.Core.Extensions.AI;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>How a model is served over OpenAI's endpoints.</summary>
public sealed class OpenAIOptions
{
    /// <summary>The model's name, which requests give as <c>model</c>; null: that of its description.</summary>
    public string? ModelId { get; set; }

    /// <summary>
    /// The chat template of a model that comes with none, such as <see cref="ChatTemplate.Plain"/>; null: such a model
    /// does not chat. Acts where the chat client is not registered otherwise.
    /// </summary>
    public ChatTemplate? FallbackTemplate { get; set; }

    /// <summary>How text is sampled where a request is silent; null: as the model's file recommends (<see cref="TextGenerator.DefaultOptions"/>).</summary>
    public GenerationOptions? Defaults { get; set; }

    /// <summary>Most bytes of a request; more is answered by 413. Default: 4 MiB.</summary>
    public long MaxRequestBytes { get; set; } = 4 << 20;
}
