using System.Reflection;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Model;

public class ComponentContextTests
{
    [Fact]
    public void Below_changes_the_path_and_nothing_else()
    {
        ComponentContext context = new()
        {
            Weights = Bench.Context(new NoiseWeights(1), 8).Weights,
            HiddenSize = 1,
            VocabSize = 2,
            ContextLength = 3,
            Layers = 4,
            Layer = 5,
            Heads = 6,
            KvHeads = 7,
            HeadDim = 8,
            IntermediateSize = 9,
            KvCacheFormat = WeightFormat.Q8_0,
            Positions = new NoPositions(),
        };
        ComponentContext below = context.Below("inner");
        below.Weights.Path.Should().Be("inner");
        foreach (PropertyInfo property in typeof(ComponentContext).GetProperties().Where(property => property.Name != nameof(ComponentContext.Weights)))
        {
            property.GetValue(below).Should().Be(property.GetValue(context), property.Name);

            // A property that nobody set above would prove nothing.
            property.GetValue(context).Should().NotBe(property.GetValue(Unset), property.Name);
        }
    }

    private static ComponentContext Unset { get; } = new()
    {
        Weights = Bench.Context(new NoiseWeights(1), 8).Weights,
        HiddenSize = 0,
        VocabSize = 0,
        ContextLength = 0,
        Layers = 0,
    };
}
