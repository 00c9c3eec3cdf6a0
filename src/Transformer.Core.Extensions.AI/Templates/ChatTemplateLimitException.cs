namespace Transformer.Core.Extensions.AI;

/// <summary>A chat template went over one of <see cref="ChatTemplateLimits"/>.</summary>
public sealed class ChatTemplateLimitException : ChatTemplateException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="limit">The property of <see cref="ChatTemplateLimits"/>.</param>
    /// <param name="allowed">Its value.</param>
    /// <param name="line">The line of the template, from 1; 0 where unknown.</param>
    public ChatTemplateLimitException(string limit, long allowed, int line = 0)
        : base($"more than {limit} = {allowed} allows.", line)
    {
        Limit = limit;
        Allowed = allowed;
    }

    /// <summary>The name of the limit.</summary>
    public string Limit { get; }

    /// <summary>Its value.</summary>
    public long Allowed { get; }
}
