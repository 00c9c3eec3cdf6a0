using Transformer.Core.FeedForward;
using Transformer.Core.Output;

namespace Transformer.Core.Architectures;

/// <summary>What several families read from metadata in the same way.</summary>
internal static class MetadataReading
{
    extension(IModelMetadata metadata)
    {
        /// <summary>An integer of at least 1.</summary>
        public int Size(string key) => Positive(metadata, key, metadata.Integer(key));

        /// <summary>An integer of at least 1, or null.</summary>
        public int? OptionalSize(string key) => metadata.OptionalInteger(key) is { } value ? Positive(metadata, key, value) : null;

        /// <summary>The epsilon of the normalizations.</summary>
        public double Epsilon(string key, double fallback)
        {
            double value = metadata.OptionalNumber(key) ?? fallback;
            return value is > 0 and < 1 ? value : throw new ModelFileException(metadata.Origin, key, "a number above 0 and below 1", $"{value}");
        }

        /// <summary>The square root of a number above 0, or null if it is missing.</summary>
        public double? OptionalRoot(string key) => metadata.OptionalNumber(key) switch
        {
            null => null,
            > 0 and var value => Math.Sqrt(value),
            var value => throw new ModelFileException(metadata.Origin, key, "a number above 0", $"{value}"),
        };

        /// <summary>The activation function under its Hugging Face name.</summary>
        public ActivationFunction Activation(ActivationFunction fallback) => metadata.OptionalText("hidden_act") switch
        {
            null => fallback,
            "gelu" => ActivationFunction.Gelu,
            "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => ActivationFunction.GeluTanh,
            "relu" => ActivationFunction.Relu,
            "silu" or "swish" => ActivationFunction.Silu,
            string other => throw new UnsupportedModelException(metadata.Origin, "activation function", other, ["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "relu", "silu", "swish"]),
        };

        /// <summary>How many tokens a query of a layer sees; null for all, which files say by 0, by a flag or not at all.</summary>
        /// <param name="usual">Which layers have the window, where the file has no list of them.</param>
        public Func<int, int?> Windows(Func<int, bool> usual)
        {
            int window = metadata.OptionalBoolean("use_sliding_window") == false ? 0 : metadata.OptionalInteger("sliding_window") ?? 0;
            Func<int, bool?> types = metadata.OfLayer<string>("layer_types", type => type == "sliding_attention");
            Func<int, bool?> pattern = metadata.OfLayer<bool>("sliding_window_pattern", has => has);
            return layer => window > 0 && (types(layer) ?? pattern(layer) ?? usual(layer)) ? window : null;
        }

        /// <summary>The same where the last of every so many layers sees all tokens.</summary>
        /// <param name="usualPeriod">How many, where the file does not say.</param>
        public Func<int, int?> AlternatingWindows(int usualPeriod)
        {
            int period = metadata.Find("sliding_window_pattern") is Array ? usualPeriod : metadata.OptionalSize("sliding_window_pattern") ?? usualPeriod;
            return metadata.Windows(layer => (layer + 1) % period != 0);
        }

        /// <summary>What a list says of a layer; null where there is no list of that kind, and beyond the file's layers.</summary>
        public Func<int, bool?> OfLayer<T>(string key, Func<T, bool> read)
        {
            if (metadata.Find(key) is not T[] list)
                return _ => null;
            int layers = metadata.Size("num_hidden_layers");
            if (list.Length < layers)
                throw new ModelFileException(metadata.Origin, key, $"one entry a layer ({layers})", $"{list.Length}");
            return layer => layer < list.Length ? read(list[layer]) : null;
        }
    }

    extension(TransformerBuilder builder)
    {
        /// <summary>Sets the sizes that every decoder has.</summary>
        public TransformerBuilder WithSizesOf(IModelMetadata metadata) => builder
            .WithVocabulary(metadata.Size("vocab_size"))
            .WithContextLength(metadata.Size("max_position_embeddings"))
            .WithHiddenSize(metadata.Size("hidden_size"))
            .WithLayers(metadata.Size("num_hidden_layers"))
            .WithHeads(metadata.Size("num_attention_heads"), metadata.OptionalSize("num_key_value_heads"), metadata.OptionalSize("head_dim"))
            .WithIntermediateSize(metadata.Size("intermediate_size"));

        /// <summary>The output matrix that the checkpoint has, or the embedding table where it has none and does not say that it should.</summary>
        /// <param name="metadata">The checkpoint.</param>
        /// <param name="cap">The cap of the logits, if there is one.</param>
        public TransformerBuilder WithOutputOf(IModelMetadata metadata, double? cap = null)
        {
            bool mayBeTied = metadata.OptionalBoolean("tie_word_embeddings") ?? true;
            return builder.WithOutputHead(c => new LinearHead(c, tied: mayBeTied && !c.Weights.Contains("weight"), cap: cap));
        }
    }

    private static int Positive(IModelMetadata metadata, string key, int value) =>
        value >= 1 ? value : throw new ModelFileException(metadata.Origin, key, "an integer of at least 1", $"{value}");
}
