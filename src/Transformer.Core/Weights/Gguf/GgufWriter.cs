using System.Buffers.Binary;
using System.Text;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights.Gguf;

/// <summary>
/// Writes a GGUF file, version 3, little-endian, tensors at multiples of 32 bytes. Metadata and tensors stand in the
/// order in which they were added, and nothing else goes into the file: the same calls give the same bytes.
/// </summary>
/// <remarks>
/// Format: ggml's docs/gguf.md. Values are asked for while the file is written, a row at a time, so a model need not fit into memory.
/// </remarks>
public sealed class GgufWriter
{
    private const int Alignment = 32;
    private const int CopiedAtOnce = 1 << 16;
    private const int LongestKey = ushort.MaxValue;

    // ggml keeps names in 64 bytes with a zero at the end.
    private const int LongestName = 63;

    private readonly List<(string Key, GgufValueType Type, Action<BinaryWriter> Write)> _metadata = [];
    private readonly List<PlannedTensor> _tensors = [];
    private readonly HashSet<string> _taken = [];

    /// <summary>Adds a string.</summary>
    /// <exception cref="ArgumentException">The key is no valid GGUF key, or was set before.</exception>
    public GgufWriter Set(string key, string value) => Add(key, GgufValueType.String, w => GgufOutput.Text(w, value));

    /// <summary>Adds a truth value.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, bool value) => Add(key, GgufValueType.Bool, w => w.Write(value));

    /// <summary>Adds an unsigned byte.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, byte value) => Add(key, GgufValueType.UInt8, w => w.Write(value));

    /// <summary>Adds a signed byte.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, sbyte value) => Add(key, GgufValueType.Int8, w => w.Write(value));

    /// <summary>Adds an unsigned 16-bit integer.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, ushort value) => Add(key, GgufValueType.UInt16, w => w.Write(value));

    /// <summary>Adds a 16-bit integer.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, short value) => Add(key, GgufValueType.Int16, w => w.Write(value));

    /// <summary>Adds an unsigned 32-bit integer: what llama.cpp expects of every count and size.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, uint value) => Add(key, GgufValueType.UInt32, w => w.Write(value));

    /// <summary>Adds a 32-bit integer.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, int value) => Add(key, GgufValueType.Int32, w => w.Write(value));

    /// <summary>Adds an unsigned 64-bit integer.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, ulong value) => Add(key, GgufValueType.UInt64, w => w.Write(value));

    /// <summary>Adds a 64-bit integer.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, long value) => Add(key, GgufValueType.Int64, w => w.Write(value));

    /// <summary>Adds a 32-bit float.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, float value) => Add(key, GgufValueType.Float32, w => w.Write(value));

    /// <summary>Adds a 64-bit float.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, double value) => Add(key, GgufValueType.Float64, w => w.Write(value));

    /// <summary>Adds a list of strings.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, IReadOnlyList<string> values) => AddArray(key, GgufValueType.String, values, GgufOutput.Text);

    /// <summary>Adds a list of truth values.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, IReadOnlyList<bool> values) => AddArray(key, GgufValueType.Bool, values, (w, v) => w.Write(v));

    /// <summary>Adds a list of 32-bit integers.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, IReadOnlyList<int> values) => AddArray(key, GgufValueType.Int32, values, (w, v) => w.Write(v));

    /// <summary>Adds a list of unsigned 32-bit integers.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, IReadOnlyList<uint> values) => AddArray(key, GgufValueType.UInt32, values, (w, v) => w.Write(v));

    /// <summary>Adds a list of 64-bit integers.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, IReadOnlyList<long> values) => AddArray(key, GgufValueType.Int64, values, (w, v) => w.Write(v));

    /// <summary>Adds a list of 32-bit floats.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, IReadOnlyList<float> values) => AddArray(key, GgufValueType.Float32, values, (w, v) => w.Write(v));

    /// <summary>Adds a list of 64-bit floats.</summary>
    /// <inheritdoc cref="Set(string, string)"/>
    public GgufWriter Set(string key, IReadOnlyList<double> values) => AddArray(key, GgufValueType.Float64, values, (w, v) => w.Write(v));

    /// <summary>Adds a tensor whose rows are asked for, in order, when the file is written.</summary>
    /// <param name="name">Its name, at most 63 bytes of UTF-8.</param>
    /// <param name="shape">Its shape; one row is written as a vector.</param>
    /// <param name="format">How its values are stored.</param>
    /// <param name="rows">Writes the bytes of one row; rows of stacked matrices are counted through.</param>
    /// <exception cref="ArgumentException">
    /// The name is taken or too long, GGUF has no such format, or a row is no multiple of the format's block.
    /// </exception>
    public GgufWriter Add(string name, TensorShape shape, WeightFormat format, RowFiller rows)
    {
        if (shape.Rows < 1 || shape.Columns < 1 || shape.Count < 1)
            throw new ArgumentException($"Tensor '{name}' has no values: {shape}.", nameof(shape));
        GgufTensorType type = GgufTensorType.Of(format) ?? throw new ArgumentException($"GGUF has no tensor type {format.Name}.", nameof(format));
        int rowBytes = checked((int)format.BytesFor(shape.Columns));
        long[] dimensions = shape.Count > 1 ? [shape.Columns, shape.Rows, shape.Count] : shape.Rows > 1 ? [shape.Columns, shape.Rows] : [shape.Columns];
        return Add(new PlannedTensor(name, dimensions, type, rowBytes, (long)shape.Rows * shape.Count, rows));
    }

    /// <summary>Adds a tensor of floats, row after row, rounded to <paramref name="format"/>.</summary>
    /// <exception cref="ArgumentException">As for the other overload, or the number of values is not that of the shape.</exception>
    public GgufWriter Add(string name, TensorShape shape, WeightFormat format, ReadOnlyMemory<float> values)
    {
        if (values.Length != shape.Length)
            throw new ArgumentException($"Tensor '{name}' {shape} has {shape.Length} values, {values.Length} were given.", nameof(values));
        return Add(name, shape, format, (row, bytes) => format.Encode(values.Span.Slice((int)row * shape.Columns, shape.Columns), bytes));
    }

    /// <summary>Adds a copy of a tensor, as it is stored. It is opened when the file is written.</summary>
    /// <param name="name">Its name in the new file.</param>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="ArgumentException">As for the other overloads.</exception>
    public GgufWriter Add(string name, Tensor tensor)
    {
        TensorMemory? memory = null;
        long last = ((long)tensor.Shape.Rows * tensor.Shape.Count) - 1;
        return Add(name, tensor.Shape, tensor.Format, (row, bytes) =>
        {
            memory ??= tensor.Open();
            memory.Slice(row * bytes.Length, bytes.Length).CopyTo(bytes);
            GC.KeepAlive(memory);

            // A copy made for this tensor (one transposed, one generated) should not outlive it.
            if (row == last)
                memory = null;
        });
    }

    /// <summary>
    /// Writes the file. It is built under another name beside the target and takes its place when it is complete,
    /// so nobody ever sees a part of it; what a failed attempt left is removed.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string unfinished = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = new(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                GgufOutput.Write(stream, Alignment, _metadata, _tensors);
                stream.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Adds metadata as it stands in another file: a type, then the value's bytes.</summary>
    internal GgufWriter Copy(string key, TensorMemory value)
    {
        GgufValueType type = (GgufValueType)BinaryPrimitives.ReadUInt32LittleEndian(value.Slice(0, sizeof(uint)));
        return Add(key, type, writer =>
        {
            // Token lists have megabytes; the writer's buffer needs none of our own.
            for (long at = sizeof(uint); at < value.Length; at += CopiedAtOnce)
                writer.Write(value.Slice(at, (int)Math.Min(CopiedAtOnce, value.Length - at)));
            GC.KeepAlive(value);
        });
    }

    /// <summary>Adds a tensor of any type and up to four dimensions.</summary>
    internal GgufWriter Add(PlannedTensor tensor)
    {
        ArgumentException.ThrowIfNullOrEmpty(tensor.Name);
        if (Encoding.UTF8.GetByteCount(tensor.Name) > LongestName)
            throw new ArgumentException($"The name '{tensor.Name}' has more than {LongestName} bytes.", nameof(tensor));
        Take("tensor " + tensor.Name, "name");
        _tensors.Add(tensor);
        return this;
    }

    private GgufWriter Add(string key, GgufValueType type, Action<BinaryWriter> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key.Length > LongestKey || !Ascii.IsValid(key))
            throw new ArgumentException($"A key is ASCII and has at most {LongestKey} characters: '{key}'.", nameof(key));
        if (key == "general.alignment")
            throw new ArgumentException($"Tensors are written at multiples of {Alignment}, the alignment of a file that names none.", nameof(key));
        Take("key " + key, nameof(key));
        _metadata.Add((key, type, write));
        return this;
    }

    private GgufWriter AddArray<T>(string key, GgufValueType type, IReadOnlyList<T> values, Action<BinaryWriter, T> write) =>
        Add(key, GgufValueType.Array, writer =>
        {
            writer.Write((uint)type);
            writer.Write((ulong)values.Count);
            foreach (T value in values)
                write(writer, value);
        });

    private void Take(string what, string parameter)
    {
        if (!_taken.Add(what))
            throw new ArgumentException($"The {what} was added before.", parameter);
    }

    /// <summary>A tensor to be written; its dimensions innermost first.</summary>
    internal sealed record PlannedTensor(string Name, IReadOnlyList<long> Dimensions, GgufTensorType Type, int RowBytes, long RowCount, RowFiller Rows)
    {
        public long SizeInBytes => RowCount * RowBytes;
    }
}
