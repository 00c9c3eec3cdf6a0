using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary><c>POST /v1/embeddings</c>.</summary>
internal static class Embeddings
{
    public static async Task Answer(HttpContext context)
    {
        (RequestFields fields, ServedModel model) = await RequestBody.Read(context).ConfigureAwait(false);
        // an embedder of somebody else's has texts only
        TextEmbedder embedder = (TextEmbedder?)model.Embeddings.GetService(typeof(TextEmbedder))
            ?? throw new InvalidOperationException($"The embedding generator of {model.Id} has no {nameof(TextEmbedder)}.");
        List<int[]> texts = TokenInput.Read(fields, "input", embedder.Tokenizer, embedder.Model) ?? throw RequestException.Missing("input");
        bool base64 = fields.Text("encoding_format") switch
        {
            null or "float" => false,
            "base64" => true,
            string other => throw RequestException.Invalid("encoding_format", $"Invalid value: '{other}'. Supported values are: 'float' and 'base64'."),
        };
        if (fields.Integer("dimensions", 1, int.MaxValue) is { } dimensions && dimensions != embedder.Dimensions)
            throw RequestException.UnsupportedValue("dimensions", $"the vectors of this model have {embedder.Dimensions}, found {dimensions}.");
        fields.Ignore("user");
        fields.RefuseOthers();

        using IDisposable place = await model.Gate.EnterAsync(context.RequestAborted).ConfigureAwait(false);
        List<EmbeddingEntry> entries = await Task.Run(() => texts.Select((tokens, i) => Entry(i, embedder.Embed(tokens, context.RequestAborted), base64)).ToList(), context.RequestAborted).ConfigureAwait(false);
        long count = texts.Sum(tokens => (long)tokens.Length);
        await context.Response.WriteAsJsonAsync(new EmbeddingResponse(model.Id, entries, new EmbeddingUsage(count, count)), OpenAIJson.Wire.EmbeddingResponse, cancellationToken: context.RequestAborted).ConfigureAwait(false);
    }

    private static EmbeddingEntry Entry(int index, float[] vector, bool base64)
    {
        if (!base64)
            return new EmbeddingEntry(index, vector);
        byte[] bytes = new byte[4 * vector.Length];
        for (int i = 0; i < vector.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), vector[i]);
        return new EmbeddingEntry(index, Convert.ToBase64String(bytes));
    }
}
