namespace Transformer.Core;

/// <summary>Completing text straight from a model that has a tokenizer.</summary>
public static class TransformerModelExtensions
{
    /// <inheritdoc cref="TextGenerator.Complete(string, GenerationOptions, CancellationToken)"/>
    public static GenerationResult Complete(this TransformerModel model, string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        new TextGenerator(model).Complete(prompt, options, cancellationToken);

    /// <inheritdoc cref="TextGenerator.StreamAsync(string, GenerationOptions, CancellationToken)"/>
    public static IAsyncEnumerable<GenerationUpdate> StreamAsync(this TransformerModel model, string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        new TextGenerator(model).StreamAsync(prompt, options, cancellationToken);
}
