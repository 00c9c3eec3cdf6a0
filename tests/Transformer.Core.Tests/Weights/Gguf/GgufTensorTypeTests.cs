using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Tests.Weights.Gguf;

public sealed class GgufTensorTypeTests
{
    [Fact]
    public void Every_format_of_the_library_has_a_type_with_the_same_blocks()
    {
        foreach (WeightFormat format in WeightFormat.All)
        {
            GgufTensorType? type = GgufTensorType.Of(format);
            type.Should().NotBeNull(format.Name);
            type!.BlockLength.Should().Be(format.BlockLength, format.Name);
            type.BlockBytes.Should().Be(format.BlockBytes, format.Name);
            type.Format.Should().BeSameAs(format);
            GgufTensorType.Find(type.Id).Should().BeSameAs(type);
        }
    }

    [Fact]
    public void Numbers_without_a_type_give_none()
    {
        foreach (uint id in (uint[])[4, 5, 31, 32, 33, 36, 37, 38, 43, 1000, uint.MaxValue])
            GgufTensorType.Find(id).Should().BeNull();
    }
}
