namespace Transformer.Core.Extensions.AI;

/// <summary>How a <see cref="TransformerChatClient"/> works; what a call's <c>ChatOptions</c> leave open comes from here.</summary>
public sealed record TransformerChatClientOptions
{
    /// <summary>
    /// The chat template; null: the model's own (<see cref="ChatTemplate.FromModel"/>). Special tokens that it was not given
    /// are the model's; if it does not speak of <c>bos_token</c>, the beginning token comes first as the model was trained.
    /// </summary>
    public ChatTemplate? Template { get; init; }

    /// <summary>How the model writes tool calls; null: by its template.</summary>
    public ToolCallFormat? ToolCallFormat { get; init; }

    /// <summary>
    /// How text is sampled; null: as the model's file recommends (<see cref="TextGenerator.DefaultOptions"/>), with answers as
    /// long as the context allows.
    /// </summary>
    public GenerationOptions? Defaults { get; init; }

    /// <summary>The model's name in responses; null: that of its description.</summary>
    public string? ModelId { get; init; }

    /// <summary>
    /// Sessions that conversations continue in, so that only new tokens are computed; null: a pool of the client's own of 8
    /// sessions. A pool given here may be shared and is not disposed with the client.
    /// </summary>
    public SessionPool? Sessions { get; init; }

    /// <summary>The clock of responses and templates; null: the system's.</summary>
    public TimeProvider? TimeProvider { get; init; }
}
