namespace Transformer.Core.Numerics.Quantization;

/// <summary>How a weight format wants the activations it is multiplied with.</summary>
internal enum ActivationForm
{
    /// <summary>As they are.</summary>
    Float,

    /// <summary>Blocks of 32 signed bytes and a scale.</summary>
    Int8,

    /// <summary>Blocks of 32 signed 16-bit integers and a scale.</summary>
    Int16,
}
