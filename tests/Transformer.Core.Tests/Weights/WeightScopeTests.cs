using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Weights;

public sealed class WeightScopeTests
{
    private static (WeightLedger Ledger, WeightScope Scope) Over(IWeightSource source, bool shapesOnly = false)
    {
        WeightLedger ledger = new(source, shapesOnly);
        return (ledger, new WeightScope(ledger, ""));
    }

    [Fact]
    public void Paths_are_joined()
    {
        (_, WeightScope scope) = Over(new ListedWeights().Add("model.layers.0.norm.weight", TensorShape.Vector(2)));

        WeightScope layer = scope.Child("model").Child("layers.0");

        layer.Path.Should().Be("model.layers.0");
        layer.Contains("norm.weight").Should().BeTrue();
        layer.Vector("norm.weight", 2).Should().Equal(0, 1);
        layer.OptionalVector("norm.bias", 2).Should().BeNull();
        layer.Child("norm").Root.Path.Should().BeEmpty();
    }

    [Fact]
    public void All_problems_are_noted_once_each_and_the_build_goes_on()
    {
        (WeightLedger ledger, WeightScope scope) = Over(new ListedWeights().Add("a.weight", new(2, 3)).Add("n", TensorShape.Vector(4)));

        scope.Matrix("a.weight", 3, 2).Rows.Should().Be(3);
        scope.Matrix("a.weight", 3, 2);
        scope.Matrix("gone.weight", 1, 1);
        scope.Vector("n", 5).Should().HaveCount(5);

        ledger.Problems.Should().Equal(
            "listed: tensor 'a.weight': expected shape [3, 2], found [2, 3].",
            "listed: tensor 'gone.weight': expected shape [1], found no tensor of this name.",
            "listed: tensor 'n': expected shape [5], found [4].");
    }

    [Fact]
    public void A_renamed_tensor_is_named_twice_in_its_problem()
    {
        IWeightSource source = new TensorNames().Add("model.a", "blk.a").Apply(new ListedWeights().Add("blk.a", new(2, 3)));
        (WeightLedger ledger, WeightScope scope) = Over(source);

        scope.Matrix("model.a", 5, 5);

        ledger.Problems.Should().ContainSingle().Which.Should().Contain("'model.a'").And.Contain("'blk.a'").And.Contain("[5, 5]").And.Contain("[2, 3]");
    }

    [Fact]
    public void A_matrix_asked_for_twice_is_one_and_what_nobody_asked_for_is_listed()
    {
        (WeightLedger ledger, WeightScope scope) = Over(new ListedWeights().Add("e", new(2, 3)).Add("z", new(1, 1)).Add("b", new(1, 1)));

        scope.Matrix("e", 2, 3).Should().BeSameAs(scope.Matrix("e", 2, 3));

        ledger.Tensors.Select(tensor => tensor.Name).Should().Equal("e");
        ledger.Unused.Should().Equal("b", "z");
    }

    [Fact]
    public void A_description_opens_nothing()
    {
        ListedWeights source = new ListedWeights().Add("a.weight", new(2, 3)).Add("a.bias", TensorShape.Vector(2));
        (WeightLedger ledger, WeightScope scope) = Over(source, shapesOnly: true);

        Linear linear = scope.Linear(3, bias: true, ("a", 2));

        source.Opened.Should().Be(0);
        ledger.Tensors.Select(tensor => tensor.Name).Should().Equal("a.weight", "a.bias");
        ledger.Problems.Should().BeEmpty();
        linear.Parts[0].Invoking(part => part.DecodeRow(0, new float[3])).Should().Throw<InvalidOperationException>();
    }
}
