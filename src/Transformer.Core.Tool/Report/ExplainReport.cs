using System.Text;
using System.Text.Json;
using Transformer.Core.Experiments;
using Transformer.Core.Numerics;

namespace Transformer.Core.Tool.Report;

/// <summary>A page that walks through what a model does with a prompt; whole in one file, no network.</summary>
internal static class ExplainReport
{
    /// <summary>Most tokens of a prompt: a page has every head's pattern in it.</summary>
    public const int MostTokens = 64;

    private const int ShownFeatures = 48;
    private const int ShownTokens = 12;

    public static string Create(TransformerModel model, TokenText text, string prompt, CancellationToken cancellationToken)
    {
        if (text.Ids.Length > MostTokens)
            throw new ArgumentException($"Expected a prompt of at most {MostTokens} tokens, found {text.Ids.Length}.");
        ActivationCapture capture = new(
            ActivationPoints.Embedding, ActivationPoints.PositionedEmbedding, "layers.*." + ActivationPoints.ResidualBefore, "layers.*." + ActivationPoints.ResidualAfter);
        LogitLens lens = LogitLens.Of(model, text.Ids, ShownTokens, capture, cancellationToken);
        AttentionMaps maps = AttentionMaps.Of(model, text.Ids, cancellationToken: cancellationToken);

        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer)) // its encoder leaves nothing that could end a script element
        {
            json.WriteStartObject();
            json.WriteString("prompt", prompt);
            WriteModel(json, model);
            json.WriteStartArray("tokens");
            foreach (int id in text.Ids)
            {
                json.WriteStartObject();
                json.WriteNumber("id", id);
                json.WriteString("piece", text.Piece(id));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteRows(json, "embedding", capture[ActivationPoints.Embedding]);
            WriteRows(json, "positioned", capture[ActivationPoints.PositionedEmbedding]);
            WritePatterns(json, maps);
            WriteNorms(json, capture, model.Layers.Count);
            WriteLens(json, lens, text);
            json.WriteEndObject();
        }
        using Stream page = typeof(ExplainReport).Assembly.GetManifestResourceStream("report.html")!;
        using StreamReader reader = new(page, Encoding.UTF8);
        return reader.ReadToEnd().Replace("{{DATA}}", Encoding.UTF8.GetString(buffer.ToArray()), StringComparison.Ordinal);
    }

    private static void WriteModel(Utf8JsonWriter json, TransformerModel model)
    {
        ModelDescription description = model.Description;
        json.WriteStartObject("model");
        json.WriteString("name", description.Name);
        json.WriteNumber("layers", description.Layers);
        json.WriteNumber("hidden", description.HiddenSize);
        json.WriteNumber("vocabulary", description.VocabSize);
        json.WriteNumber("context", description.ContextLength);
        json.WriteNumber("parameters", description.ParameterCount);
        json.WriteString("layout", model.Layers[0].Layout.Name);
        json.WriteStartArray("components");
        foreach (ComponentDescription component in description.Components)
        {
            json.WriteStartObject();
            json.WriteString("name", component.Name);
            json.WriteNumber("layer", component.Layer);
            json.WriteString("path", component.Path);
            json.WriteStartArray("tensors");
            foreach (Weights.Tensor tensor in component.Tensors)
            {
                json.WriteStartObject();
                json.WriteString("name", tensor.Name);
                json.WriteString("shape", tensor.Shape.ToString());
                json.WriteString("format", tensor.Format.Name);
                json.WriteNumber("parameters", tensor.Shape.Length);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter json, string name, CapturedActivation rows)
    {
        json.WriteStartArray(name);
        for (int row = 0; row < rows.Rows; row++)
        {
            json.WriteStartArray();
            foreach (float value in rows[row][..Math.Min(rows.Columns, ShownFeatures)])
                WriteRounded(json, value);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    /// <summary>Each head's weights as bytes, 255 for 1.</summary>
    private static void WritePatterns(Utf8JsonWriter json, AttentionMaps maps)
    {
        json.WriteStartArray("patterns");
        for (int layer = 0; layer < maps.Layers; layer++)
        {
            json.WriteStartArray();
            for (int head = 0; head < maps.Heads(layer); head++)
            {
                MatrixSpan pattern = maps.Pattern(layer, head);
                byte[] bytes = new byte[pattern.Rows * pattern.Columns];
                for (int row = 0; row < pattern.Rows; row++)
                    for (int key = 0; key < pattern.Columns; key++)
                        bytes[(row * pattern.Columns) + key] = (byte)Math.Clamp(pattern[row][key] * 255 + 0.5f, 0, 255);
                json.WriteBase64StringValue(bytes);
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteNorms(Utf8JsonWriter json, ActivationCapture capture, int layers)
    {
        json.WriteStartArray("norms");
        for (int layer = -1; layer < layers; layer++)
        {
            CapturedActivation rows = capture[layer < 0 ? "layers.0." + ActivationPoints.ResidualBefore : $"layers.{layer}.{ActivationPoints.ResidualAfter}"];
            json.WriteStartArray();
            for (int row = 0; row < rows.Rows; row++)
            {
                double squares = 0;
                foreach (float value in rows[row])
                    squares += value * (double)value;
                WriteRounded(json, (float)Math.Sqrt(squares));
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteLens(Utf8JsonWriter json, LogitLens lens, TokenText text)
    {
        json.WriteStartArray("lens");
        foreach (LensRow row in lens.Rows)
        {
            json.WriteStartArray();
            for (int i = 0; i < row.Entries.Count; i++)
            {
                // Of all but the last place the page shows the first three.
                json.WriteStartArray();
                foreach (TokenProbability token in row.Entries[i].Top.Take(i == row.Entries.Count - 1 ? ShownTokens : 3))
                {
                    json.WriteStartArray();
                    json.WriteStringValue(text.Piece(token.Token));
                    WriteRounded(json, (float)token.Probability);
                    json.WriteNumberValue(token.Token);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteRounded(Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value))
            json.WriteNumberValue(Math.Round((double)value, 5));
        else
            json.WriteNullValue();
    }
}
