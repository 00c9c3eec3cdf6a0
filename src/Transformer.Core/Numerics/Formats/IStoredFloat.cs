using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>How stored values become floats, sixteen at a time or one; see <see cref="RowDot512"/>.</summary>
internal unsafe interface IStoredFloat
{
    /// <summary>Bytes of a value.</summary>
    static abstract nint Bytes { get; }

    /// <summary>Whether sixteen at a time, infinities and NaN come out wrong, as finite values of 65536 and above.</summary>
    static abstract bool IsFiniteOnly { get; }

    /// <summary>Sixteen values.</summary>
    static abstract Vector512<float> Load(byte* values);

    /// <summary>One value.</summary>
    static abstract float Value(byte* value);
}
