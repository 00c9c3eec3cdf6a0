namespace Transformer.Core.Testing.Tests;

/// <summary>An attention block with one fault is caught by the rule it breaks, and the message says where.</summary>
public class FaultyAttentionTests
{
    [Fact]
    public void A_sound_one_passes() => ComponentConformance.CheckAttention(_ => new RunningMeans());

    [Theory]
    [InlineData(Fault.Acausal, ConformanceRules.Causality, "row 0, value 0")]
    [InlineData(Fault.Stateful, ConformanceRules.Stateless, "row 0, value 1")]
    [InlineData(Fault.NarrowOutput, ConformanceRules.Shapes, "row 0, value 31 was not written")]
    [InlineData(Fault.MixesSequences, ConformanceRules.Batch, "row 7, value 0")]
    [InlineData(Fault.Allocates, ConformanceRules.Allocation, "152 bytes")]
    [InlineData(Fault.PositionOfThePass, ConformanceRules.Stepwise, "row 1, value 0")]
    [InlineData(Fault.SkipsItself, ConformanceRules.Effect, "row 22 of the output does not depend on row 22")]
    [InlineData(Fault.Nothing, ConformanceRules.Effect, "does not depend")]
    [InlineData(Fault.SharedBuffer, ConformanceRules.TwoThreads, "while another thread")]
    [InlineData(Fault.DependsOnThreads, ConformanceRules.ThreadCount, "with 2 threads")]
    [InlineData(Fault.WritesInput, ConformanceRules.Shapes, "the input was changed")]
    [InlineData(Fault.PromisesTooMuch, ConformanceRules.State, "truncated to 22")]
    [InlineData(Fault.ForgetsNothing, ConformanceRules.State, "settled length")]
    [InlineData(Fault.OffByOneLength, ConformanceRules.State, "Length is 9")]
    [InlineData(Fault.SharesFork, ConformanceRules.Fork, "after its fork")]
    [InlineData(Fault.SavesHalf, ConformanceRules.SaveLoad, "in the state that was loaded")]
    public void A_faulty_one_is_caught(Fault fault, ConformanceRules rule, string where)
    {
        ConformanceException failure = ((Action)(() => ComponentConformance.CheckAttention(_ => new RunningMeans(fault)))).Should().Throw<ConformanceException>().Which;
        failure.Rule.Should().Be(rule, failure.Message);
        failure.Component.Should().Be("RunningMeans");
        failure.Message.Should().Contain(where).And.Contain("Usually: ");
    }

    [Fact]
    public void A_rule_that_is_left_out_is_not_checked() => ComponentConformance.CheckAttention(
        _ => new RunningMeans(Fault.Acausal),
        new ConformanceOptions { Rules = ConformanceRules.All & ~(ConformanceRules.Causality | ConformanceRules.Stepwise | ConformanceRules.State | ConformanceRules.Batch) });
}
