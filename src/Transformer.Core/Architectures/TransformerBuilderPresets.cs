using Transformer.Core.Architectures;

namespace Transformer.Core;

/// <summary>Builders of published sizes, where one looks for them first.</summary>
public static class TransformerBuilderPresets
{
    extension(TransformerBuilder)
    {
        /// <summary>
        /// A builder composed like a published model, without its weights: describe it, swap a component, or
        /// give it random weights.
        /// </summary>
        /// <param name="name">One of <see cref="ModelPresets.Names"/>, such as <c>qwen3-8b</c>.</param>
        /// <exception cref="UnsupportedModelException">There is no preset of that name; the message lists them.</exception>
        public static TransformerBuilder FromPreset(string name)
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            IModelMetadata metadata = ModelPresets.Find(name);
            TransformerBuilder builder = new TransformerBuilder().WithName(name);
            ArchitectureRegistry.Default.Find(metadata).Configure(builder, metadata);
            return builder.AsOriginal();
        }
    }
}
