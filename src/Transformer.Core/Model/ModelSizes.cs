using Transformer.Core.Numerics.Formats;

namespace Transformer.Core;

/// <summary>The numbers a builder was told; 0 where it was told none.</summary>
internal sealed record ModelSizes
{
    public string Name { get; init; } = "transformer";

    public int VocabSize { get; init; }

    public int ContextLength { get; init; } = 2048;

    public int HiddenSize { get; init; }

    public int Layers { get; init; }

    public int Heads { get; init; }

    public int KvHeads { get; init; }

    public int HeadDim { get; init; }

    public int IntermediateSize { get; init; }

    public double DropoutRate { get; init; } = 0.1;

    public WeightFormat KvCacheFormat { get; init; } = WeightFormat.Float32;
}
