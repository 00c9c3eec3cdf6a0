using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights.Safetensors;

/// <summary>
/// A folder whose four-bit matrices stand in two tensors of bytes, as gpt-oss was published: <c>name_blocks</c>
/// [members, rows, blocks, 16], in each byte two neighbouring values, the first in its lower half, and
/// <c>name_scales</c> [members, rows, blocks] powers of two. Given under <c>name</c> as MXFP4, whose blocks have the
/// scale in front and the values in another order; so they are copied.
/// </summary>
/// <remarks>Layout: <c>convert_moe_packed_tensors</c> in huggingface/transformers, integrations/mxfp4.py; OCP Microscaling Formats 1.0.</remarks>
internal sealed class MicroscaledWeights(HuggingFaceFolder folder) : IWeightSource
{
    private const string Blocks = "_blocks";
    private const string Scales = "_scales";
    private const int BlockBytes = 16;

    public string Origin => folder.Origin;

    public IEnumerable<string> Names => folder.Names
        .Where(name => !(name.EndsWith(Scales, StringComparison.Ordinal) && folder.Contains(name[..^Scales.Length] + Blocks)))
        .Select(name => name.EndsWith(Blocks, StringComparison.Ordinal) ? name[..^Blocks.Length] : name);

    /// <summary>Whether a folder has such matrices.</summary>
    public static bool AreIn(HuggingFaceFolder folder) => folder.Names.Any(name => name.EndsWith(Blocks, StringComparison.Ordinal));

    public bool Contains(string name) => folder.Contains(name) || folder.Contains(name + Blocks);

    public Tensor? Find(string name, TensorShape shape)
    {
        if (folder.FindBytes(name + Blocks) is not var (info, blocks))
            return folder.Find(name, shape);
        if (folder.FindBytes(name + Scales) is not var (scaleInfo, scales))
            throw new ModelFileException(info.File, $"tensor '{name + Scales}'", "the scales of the blocks", "no such tensor");
        bool fits = info.Dimensions is [_, _, _, BlockBytes] && info.TypeName == "U8" && scaleInfo.TypeName == "U8"
            && info.Dimensions.Take(3).SequenceEqual(scaleInfo.Dimensions) && info.Dimensions.All(size => size is > 0 and < int.MaxValue / 32);
        if (!fits)
            throw new ModelFileException(info.File, $"tensor '{info.Name}'", "bytes [members, rows, blocks, 16] and scales [members, rows, blocks]", $"{Shown(info)} and {Shown(scaleInfo)}");

        (int count, int rows, int perRow) = ((int)info.Dimensions[0], (int)info.Dimensions[1], (int)info.Dimensions[2]);
        return TensorStacks.Join(name, [.. Enumerable.Range(0, count).Select(member => new Tensor(
            name, new TensorShape(rows, 32 * perRow), WeightFormat.MXFP4, info.File, () => Pack(blocks, scales, (long)member * rows, rows, perRow)))]);
    }

    public void Dispose() => folder.Dispose();

    private static string Shown(SafetensorsTensorInfo info) => $"{info.TypeName} [{string.Join(", ", info.Dimensions)}]";

    private static TensorMemory Pack(TensorMemory blocks, TensorMemory scales, long first, int rows, int perRow)
    {
        TensorMemory packed = TensorMemory.FromRows(rows, perRow * (BlockBytes + 1), (row, bytes) =>
        {
            ReadOnlySpan<byte> exponents = scales.Slice((first + row) * perRow, perRow);
            ReadOnlySpan<byte> values = blocks.Slice((first + row) * perRow * BlockBytes, perRow * BlockBytes);
            for (int block = 0; block < perRow; block++)
                Pack(exponents[block], values.Slice(block * BlockBytes, BlockBytes), bytes.Slice(block * (BlockBytes + 1), BlockBytes + 1));
        });
        GC.KeepAlive(blocks);
        GC.KeepAlive(scales);
        return packed;
    }

    /// <summary>Neighbours in a byte become values half a block apart.</summary>
    private static void Pack(byte exponent, ReadOnlySpan<byte> pairs, Span<byte> block)
    {
        block[0] = exponent;
        for (int i = 0; i < BlockBytes; i++)
        {
            int low = Value(pairs, i);
            int high = Value(pairs, i + BlockBytes);
            block[1 + i] = (byte)(low | (high << 4));
        }

        static int Value(ReadOnlySpan<byte> pairs, int i) => i % 2 == 0 ? pairs[i / 2] & 0xF : pairs[i / 2] >> 4;
    }
}
