namespace Transformer.Core.Weights.Gguf;

/// <summary>Reads metadata values as the types that <see cref="IModelMetadata"/> promises.</summary>
internal static class GgufValue
{
    /// <summary>The value at the reader's place, its type before it.</summary>
    /// <exception cref="ModelFileException">It is damaged.</exception>
    /// <exception cref="UnsupportedModelException">It is an array of arrays.</exception>
    public static object Read(GgufReader reader, string path)
    {
        GgufValueType type = (GgufValueType)reader.Number<uint>();
        if (type != GgufValueType.Array)
            return Scalar(reader, type);

        type = (GgufValueType)reader.Number<uint>();
        if (type == GgufValueType.Array)
            throw new UnsupportedModelException(path, $"kind of value of {reader.Subject}", "array of arrays", ["number", "truth value", "string", "array of these"]);
        long length = reader.Count(SmallestBytes(reader, type));
        if (length > Array.MaxLength)
            throw reader.Wrong($"an array of at most {Array.MaxLength} values", $"{length}");
        return type switch
        {
            GgufValueType.String => Fill(length, reader.Text),
            GgufValueType.Bool => Fill(length, () => Bool(reader)),
            GgufValueType.Float32 => Fill(length, () => (double)reader.Number<float>()),
            GgufValueType.Float64 => Fill(length, reader.Number<double>),
            GgufValueType.UInt64 => Unsigned(Fill(length, reader.Number<ulong>)),
            _ => Fill(length, () => Integer(reader, type)),
        };
    }

    private static object Scalar(GgufReader reader, GgufValueType type) => type switch
    {
        GgufValueType.String => reader.Text(),
        GgufValueType.Bool => Bool(reader),
        GgufValueType.Float32 => (double)reader.Number<float>(),
        GgufValueType.Float64 => reader.Number<double>(),
        GgufValueType.UInt64 => reader.Number<ulong>() is var value && value <= long.MaxValue ? (long)value : (object)(double)value,
        _ => Integer(reader, type),
    };

    private static long Integer(GgufReader reader, GgufValueType type) => type switch
    {
        GgufValueType.UInt8 => reader.Number<byte>(),
        GgufValueType.Int8 => reader.Number<sbyte>(),
        GgufValueType.UInt16 => reader.Number<ushort>(),
        GgufValueType.Int16 => reader.Number<short>(),
        GgufValueType.UInt32 => reader.Number<uint>(),
        GgufValueType.Int32 => reader.Number<int>(),
        GgufValueType.Int64 => reader.Number<long>(),
        _ => throw UnknownType(reader, type),
    };

    private static bool Bool(GgufReader reader) => reader.Number<byte>() switch
    {
        0 => false,
        1 => true,
        byte other => throw reader.Wrong("0 or 1 as a truth value", $"{other}"),
    };

    private static int SmallestBytes(GgufReader reader, GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Bool => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 or GgufValueType.String => 8,
        _ => throw UnknownType(reader, type),
    };

    private static T[] Fill<T>(long length, Func<T> next)
    {
        T[] values = new T[length];
        for (int i = 0; i < values.Length; i++)
            values[i] = next();
        return values;
    }

    // Numbers past 2⁶³ have no long; a list stays of one type.
    private static object Unsigned(ulong[] values) => Array.TrueForAll(values, value => value <= long.MaxValue)
        ? Array.ConvertAll(values, value => (long)value)
        : Array.ConvertAll(values, value => (double)value);

    private static ModelFileException UnknownType(GgufReader reader, GgufValueType type) =>
        reader.Wrong($"a value type from 0 to {(uint)GgufValueType.Float64}", $"{(uint)type}");
}
