using System.Runtime.InteropServices;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights.Safetensors;

/// <summary>
/// A folder with tensors of eight-bit floats (F8_E4M3), as DeepSeek V3 and R1 were published: a matrix <c>name</c>
/// [rows, columns], and <c>name_scale_inv</c> [⌈rows/128⌉, ⌈columns/128⌉], in F32, BF16 or F16, the factor of each block of
/// 128 x 128 values. <c>quantization_config.weight_block_size</c> of config.json may give blocks another size.
/// </summary>
/// <remarks>
/// <para>Given under <c>name</c> as F32, because the product of value and scale, rounded once, fits into no smaller format
/// exactly. So an open tensor takes four times its bytes in the file; nothing is decoded before it is opened, and of a
/// matrix that is cut by rows only those rows.</para>
/// <para>A tensor without scales is decoded as it is, unless config.json has a <c>quantization_config</c> or a tensor
/// <c>name_scale</c> stands beside it: then its values alone would be wrong.</para>
/// <para>Layout: arXiv:2412.19437, section 3.3; README_WEIGHTS.md of deepseek-ai/DeepSeek-V3.</para>
/// </remarks>
internal sealed class Float8Weights : IWeightSource
{
    private const string Dtype = "F8_E4M3";
    private const string Scales = "_scale_inv";
    private const string OtherScales = "_scale";
    private const string MethodKey = "quantization_config.quant_method";
    private const string BlockKey = "quantization_config.weight_block_size";
    private const int LargestBlock = 1 << 20;

    private readonly HuggingFaceFolder _folder;
    private readonly bool _quantized;
    private readonly int _blockRows = 128;
    private readonly int _blockColumns = 128;

    /// <summary>The tensors of a folder.</summary>
    /// <exception cref="UnsupportedModelException">config.json names another way to quantize.</exception>
    /// <exception cref="ModelFileException">Its <c>weight_block_size</c> is none.</exception>
    public Float8Weights(HuggingFaceFolder folder)
    {
        _folder = folder;
        string? method = folder.Find(MethodKey) as string;
        if (method is not (null or "fp8"))
            throw new UnsupportedModelException(folder.Origin, $"{MethodKey} (of {Dtype} tensors)", method, ["fp8"]);
        _quantized = method is not null;
        if (folder.Find(BlockKey) is not { } size)
            return;
        if (size is not long[] numbers || numbers is not [> 0 and <= LargestBlock, > 0 and <= LargestBlock])
            throw new ModelFileException(folder.Origin, BlockKey, $"two integers from 1 to {LargestBlock}", size is long[] others ? $"[{string.Join(", ", others)}]" : $"{size}");
        (_blockRows, _blockColumns) = ((int)numbers[0], (int)numbers[1]);
    }

    public string Origin => _folder.Origin;

    public IEnumerable<string> Names => _folder.Names
        .Where(name => !(name.EndsWith(Scales, StringComparison.Ordinal) && _folder.Contains(name[..^Scales.Length])));

    /// <summary>Whether a folder has such tensors.</summary>
    public static bool AreIn(HuggingFaceFolder folder) => folder.TensorInfos.Any(info => info.TypeName == Dtype);

    public bool Contains(string name) => _folder.Contains(name);

    public Tensor? Find(string name, TensorShape shape)
    {
        if (_folder.FindBytes(name) is not var (info, codes) || info.TypeName != Dtype)
            return _folder.Find(name, shape);
        TensorShape own = FileTensor.Shape(info.File, name, info.Dimensions);
        if (own.Columns > int.MaxValue / sizeof(float))
            throw new ModelFileException(info.File, $"tensor '{name}'", $"at most {int.MaxValue / sizeof(float)} columns", $"{own.Columns}");
        Func<float[]>? scales = FindScales(info);
        return new Tensor(name, own, WeightFormat.Float32, info.File, () => Decode(codes, scales, own.Columns, 0, (long)own.Rows * own.Count))
        {
            OpenRows = (first, rows) => Decode(codes, scales, own.Columns, first, rows),
        };
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Reads the scales of a tensor, block after block of its columns; null where it has none and needs none.</summary>
    private Func<float[]>? FindScales(SafetensorsTensorInfo info)
    {
        string name = info.Name + Scales;
        (SafetensorsTensorInfo, TensorMemory)? found = _folder.FindBytes(name);
        if (found is null && !_quantized && !_folder.Contains(info.Name + OtherScales))
            return null;
        if (info.Dimensions is not [long rows, long columns])
            throw new ModelFileException(info.File, $"tensor '{info.Name}'", $"a matrix, for scales of blocks of {_blockRows} x {_blockColumns}", Shown(info));
        long[] blocks = [Blocks(rows, _blockRows), Blocks(columns, _blockColumns)];
        string expected = $"a float for each block of {_blockRows} x {_blockColumns} of [{rows}, {columns}]: [{string.Join(", ", blocks)}]";
        if (found is not var (scaleInfo, scales))
            throw new ModelFileException(info.File, $"tensor '{name}'", expected, "no such tensor");
        if (SafetensorsType.Find(scaleInfo.TypeName)?.Format is not { } format || !scaleInfo.Dimensions.SequenceEqual(blocks))
            throw new ModelFileException(scaleInfo.File, $"tensor '{name}'", expected, Shown(scaleInfo));
        return () => new Tensor(name, FileTensor.Shape(scaleInfo.File, name, blocks), format, scaleInfo.File, () => scales).ToArray();
    }

    private TensorMemory Decode(TensorMemory codes, Func<float[]>? findScales, int columns, long first, long rows)
    {
        float[]? scales = findScales?.Invoke();
        int perRow = (int)Blocks(columns, _blockColumns);
        TensorMemory decoded = TensorMemory.FromRows(rows, columns * sizeof(float), (row, bytes) =>
        {
            ReadOnlySpan<byte> source = codes.Slice((first + row) * columns, columns);
            Span<float> values = MemoryMarshal.Cast<byte, float>(bytes);
            if (scales is null)
            {
                Float8E4M3.Decode(source, 1, values);
                return;
            }
            ReadOnlySpan<float> ofRow = scales.AsSpan((int)((first + row) / _blockRows * perRow), perRow);
            for (int block = 0; block < perRow; block++)
            {
                int start = block * _blockColumns;
                int length = Math.Min(_blockColumns, columns - start);
                Float8E4M3.Decode(source.Slice(start, length), ofRow[block], values.Slice(start, length));
            }
        });
        GC.KeepAlive(codes);
        return decoded;
    }

    private static long Blocks(long values, int size) => (values + size - 1) / size;

    private static string Shown(SafetensorsTensorInfo info) => $"{info.TypeName} [{string.Join(", ", info.Dimensions)}]";
}
