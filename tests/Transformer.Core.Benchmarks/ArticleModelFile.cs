using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Benchmarks;

/// <summary>
/// The article's own model at its full width (3584, 28 heads of 128, feed-forward of 14336, 100256 ids) and any number
/// of layers, as Q4_0. Rows are cut from one piece of random nibbles: coding ten billion values one by one would take
/// longer than all that is measured with them, and speed does not depend on what the nibbles say.
/// </summary>
internal static class ArticleModelFile
{
    private const int Hidden = 3584, Heads = 28, FeedForward = 14336, Vocabulary = 100256, Context = 2048;

    /// <summary>Writes the file unless it is there already; never more of it in memory than a row.</summary>
    /// <returns>Its path.</returns>
    public static string Ensure(string folder, int layers)
    {
        string path = Path.Combine(folder, $"article-{layers}-q4_0.gguf");
        if (File.Exists(path))
            return path;
        Directory.CreateDirectory(folder);
        Console.Error.WriteLine($"[writing {path}]");
        byte[] pool = Blocks(1 << 18);
        GgufWriter writer = new();
        writer
            .Set("general.architecture", "article")
            .Set("general.name", $"the article's model with {layers} layers, random")
            .Set("article.vocab_size", (uint)Vocabulary)
            .Set("article.context_length", (uint)Context)
            .Set("article.embedding_length", (uint)Hidden)
            .Set("article.block_count", (uint)layers)
            .Set("article.feed_forward_length", (uint)FeedForward)
            .Set("article.attention.head_count", (uint)Heads)
            .Set("article.attention.layer_norm_epsilon", 1e-5f);
        Matrix("token_embd.weight", Vocabulary, Hidden);
        for (int layer = 0; layer < layers; layer++)
        {
            string block = $"blk.{layer}.";
            foreach (string name in (string[])["attn_q", "attn_k", "attn_v", "attn_output"])
                Matrix($"{block}{name}.weight", Hidden, Hidden);
            Matrix($"{block}ffn_up.weight", FeedForward, Hidden);
            Matrix($"{block}ffn_down.weight", Hidden, FeedForward);
            Vector($"{block}ffn_up.bias", FeedForward, 0);
            Vector($"{block}ffn_down.bias", Hidden, 0);
            Norm($"{block}post_attention_norm");
            Norm($"{block}post_ffw_norm");
        }
        Norm("output_norm");
        writer.Save(path);
        return path;

        void Norm(string name)
        {
            Vector($"{name}.weight", Hidden, 1);
            Vector($"{name}.bias", Hidden, 0);
        }

        void Vector(string name, int length, float value)
        {
            float[] values = new float[length];
            values.AsSpan().Fill(value);
            writer.Add(name, TensorShape.Vector(length), WeightFormat.Float32, values);
        }

        void Matrix(string name, int rows, int columns)
        {
            ulong seed = (ulong)name.Length + (ulong)name.Sum(letter => letter);
            writer.Add(name, new TensorShape(rows, columns), WeightFormat.Q4_0, (row, bytes) =>
            {
                ulong mixed = (seed + (ulong)row) * 0x9E37_79B9_7F4A_7C15;
                int first = (int)(mixed % (ulong)((pool.Length - bytes.Length) / WeightFormat.Q4_0.BlockBytes)) * WeightFormat.Q4_0.BlockBytes;
                pool.AsSpan(first, bytes.Length).CopyTo(bytes);
            });
        }
    }

    private static byte[] Blocks(int count)
    {
        float[] values = new RandomWeights(7).Find("pool", new TensorShape(count / 64, 64 * WeightFormat.Q4_0.BlockLength))!.ToArray();
        byte[] blocks = new byte[WeightFormat.Q4_0.BytesFor(values.Length)];
        WeightFormat.Q4_0.Encode(values, blocks);
        return blocks;
    }
}
