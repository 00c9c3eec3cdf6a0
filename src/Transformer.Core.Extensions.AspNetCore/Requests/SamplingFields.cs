using System.Globalization;
using System.Text.Json;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>The fields that say how text is sampled, the same in both endpoints.</summary>
internal static class SamplingFields
{
    private const int MostStops = 4;

    /// <summary>Reads them onto the model's defaults.</summary>
    /// <param name="fields">The request.</param>
    /// <param name="model">The model.</param>
    /// <param name="maxTokens">Most tokens where the request does not say.</param>
    public static GenerationOptions Read(RequestFields fields, ServedModel model, int maxTokens)
    {
        GenerationOptions options = model.Defaults;
        double? frequency = fields.Number("frequency_penalty", -2, 2), presence = fields.Number("presence_penalty", -2, 2);
        return options with
        {
            MaxTokens = (int?)(fields.Integer("max_completion_tokens", 1, int.MaxValue) ?? fields.Integer("max_tokens", 1, int.MaxValue)) ?? maxTokens,
            Temperature = fields.Number("temperature", 0, 2) ?? options.Temperature,
            // 0 is allowed there and means the most probable token
            TopP = fields.Number("top_p", 0, 1) is { } topP ? Math.Max(topP, 1e-9) : options.TopP,
            TopK = (int?)fields.Integer("top_k", 0, int.MaxValue) ?? options.TopK,
            MinP = fields.Number("min_p", 0, 1) ?? options.MinP,
            RepetitionPenalty = fields.Number("repetition_penalty", 0.01, 100) ?? options.RepetitionPenalty,
            FrequencyPenalty = frequency ?? options.FrequencyPenalty,
            PresencePenalty = presence ?? options.PresencePenalty,
            // OpenAI's penalties see all of the text
            RepetitionWindow = (frequency ?? presence ?? 0) != 0 ? int.MaxValue : options.RepetitionWindow,
            Seed = fields.Integer("seed", long.MinValue, long.MaxValue) is { } seed ? unchecked((int)(seed ^ (seed >> 32))) : options.Seed,
            LogitBias = Bias(fields, model.Model.VocabSize) ?? options.LogitBias,
            StopStrings = Stops(fields) ?? options.StopStrings,
        };
    }

    /// <summary>The options of one of several answers: each has the next seed.</summary>
    public static GenerationOptions Of(this GenerationOptions options, int index) => options with { Seed = options.Seed is { } seed ? unchecked(seed + index) : null };

    /// <summary>How many answers.</summary>
    public static int Count(RequestFields fields) => (int?)fields.Integer("n", 1, 128) ?? 1;

    /// <summary>Whether the answer is streamed, and whether its usage comes last.</summary>
    public static (bool Stream, bool IncludeUsage) Streaming(RequestFields fields)
    {
        bool stream = fields.Flag("stream") ?? false;
        if (fields.Object("stream_options") is not { } options)
            return (stream, false);
        if (!stream)
            throw RequestException.Invalid("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
        bool usage = options.Flag("include_usage") ?? false;
        options.Ignore("include_obfuscation");
        options.RefuseOthers();
        return (stream, usage);
    }

    private static List<string>? Stops(RequestFields fields)
    {
        List<string>? stops = fields.Texts("stop");
        if (stops?.Count > MostStops)
            throw RequestException.Invalid("stop", $"Invalid 'stop': expected at most {MostStops} strings, but got {stops.Count} instead.", "array_above_max_length");
        if (stops?.Contains("") == true)
            throw RequestException.Invalid("stop", "Invalid 'stop': expected non-empty strings, but got an empty one.", "empty_string");
        return stops;
    }

    private static Dictionary<int, double>? Bias(RequestFields fields, int vocabSize)
    {
        if (fields.Find("logit_bias") is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Object)
            throw RequestException.Type("logit_bias", "an object", RequestFields.Kind(value));
        Dictionary<int, double> bias = [];
        foreach (JsonProperty entry in value.EnumerateObject())
        {
            string path = $"logit_bias.{entry.Name}";
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id >= vocabSize)
                throw RequestException.Invalid("logit_bias", $"Invalid key in 'logit_bias': {entry.Name}. Expected token ids from 0 to {vocabSize - 1}.");
            bias[id] = RequestFields.Number(entry.Value, path, -100, 100);
        }
        return bias;
    }
}
