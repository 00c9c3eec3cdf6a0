using Transformer.Core.FeedForward;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.FeedForward;

/// <summary>Against the sum over all experts in double precision, whatever the number of rows.</summary>
public class MixtureOfExpertsTests
{
    private const int Hidden = 11;
    private const int Width = 7;
    private const int Experts = 5;

    public static TheoryData<int, bool, int, bool> Cases => new()
    {
        { 1, false, 0, false },
        { 3, false, 0, false },
        { 4, false, 0, false },
        { 60, false, 0, false },
        { 1, true, 9, false },
        { 60, true, 9, true },
        { 2, false, 9, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_are_those_of_the_chosen_experts(int rows, bool bias, int shared, bool sharedGate)
    {
        NoiseWeights weights = new(4);
        float[] x = Noise.Floats(1, rows * Hidden, 2);
        ComponentContext context = Bench.Context(weights, Hidden);
        GatedActivation activation = bias ? GatedActivation.ClampedSwiGlu(1.5, 0.8) : GatedActivation.SwiGlu;
        Fixed router = new(rows);
        MixtureOfExperts mixture = new(context, router, Width, activation, bias, shared, sharedGate);

        double[] expected = new double[rows * Hidden];
        for (int row = 0; row < rows; row++)
        {
            double[] input = [.. x.Skip(row * Hidden).Take(Hidden).Select(value => (double)value)];
            for (int i = 0; i < 2; i++)
                Add(Expert(weights, router.Chosen[(2 * row) + i], input, bias), router.Weights[(2 * row) + i]);
            if (shared > 0)
            {
                double gate = sharedGate ? Sigmoid(Map(weights.Values("shared_expert_gate.weight", 1, Hidden), input, 0, 1)[0]) : 1;
                double[] hidden = Join(
                    Map(weights.Values("shared_experts.gate_proj.weight", shared, Hidden), input, 0, shared),
                    Map(weights.Values("shared_experts.up_proj.weight", shared, Hidden), input, 0, shared),
                    bias);
                Add(Map(weights.Values("shared_experts.down_proj.weight", Hidden, shared), hidden, 0, Hidden), gate);
            }

            void Add(double[] output, double factor)
            {
                for (int k = 0; k < Hidden; k++)
                    expected[(row * Hidden) + k] += factor * output[k];
            }
        }
        Difference.Relative(Bench.Run(mixture, x, Hidden), expected).Should().BeLessThan(1e-5);
    }

    [Theory]
    [InlineData("Q8_0", 0.02)]
    [InlineData("Q4_0", 0.02)]
    [InlineData("BF16", 1e-5)]
    public void One_row_is_many_rows_in_every_format(string name, double tolerance)
    {
        WeightFormat format = WeightFormat.All.Single(known => known.Name == name);
        const int hidden = 64, rows = 40;
        ComponentContext context = Bench.Context(new RandomWeights(3, format), hidden);
        MixtureOfExperts mixture = new(context, new TopKRouter(context, 6, 2), 96);
        float[] x = Noise.Floats(2, rows * hidden);
        float[] all = Bench.Run(mixture, x, hidden);
        for (int row = 0; row < rows; row++)
            Difference.Relative(Bench.Run(mixture, x[(row * hidden)..((row + 1) * hidden)], hidden), all.AsSpan(row * hidden, hidden)).Should().BeLessThan(tolerance);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public void Weights_of_experts_that_are_not_chosen_are_not_read(int rows)
    {
        // Experts 2 and 4 are never chosen by this router: whoever reads them gives NaN.
        NoiseWeights noise = new(4);
        Dictionary<string, float[]> values = [];
        foreach ((string name, int outputs, int inputs) in ((string, int, int)[])[("gate_proj", Width, Hidden), ("up_proj", Width, Hidden), ("down_proj", Hidden, Width)])
        {
            float[] all = noise.Values($"experts.{name}.weight", Experts * outputs, inputs);
            foreach (int expert in (int[])[2, 4])
                all.AsSpan(expert * outputs * inputs, outputs * inputs).Fill(float.NaN);
            values[$"experts.{name}.weight"] = all;
        }
        Fixed router = new(rows, 0, 3);
        MixtureOfExperts mixture = new(Bench.Context(new Given(values), Hidden), router, Width);
        Bench.Run(mixture, Noise.Floats(1, rows * Hidden), Hidden).Should().OnlyContain(value => float.IsFinite(value));
    }

    [Fact]
    public void An_observer_sees_the_choice_and_may_change_it()
    {
        TransformerModel model = TinyModels.Build("deepseek");
        int[] tokens = Noise.Tokens(1, 20, TinyModels.Vocabulary);
        Recorder recorder = new();
        float[] before = model.AllLogits(tokens, recorder);
        recorder.Shapes["layers.1.feed_forward.router.logits"].Should().Be((20, 8, 1));
        recorder.Seen["layers.1.feed_forward.router.experts"].Should().OnlyContain(expert => expert >= 0 && expert < 8 && expert == MathF.Floor(expert));
        recorder.Seen["layers.1.feed_forward.router.weights"].Chunk(3).Should().OnlyContain(row => MathF.Abs(row.Sum() - 1) < 1e-5f);
        recorder.Seen.Should().NotContainKey("layers.1.feed_forward.pre", "the shared expert's points are not the mixture's");

        Changer swap = new(2, ActivationPoints.Experts, values => new float[] { 0, 1, 2 }.CopyTo(values[19]));
        float[] after = model.AllLogits(tokens, swap);
        Difference.Relative(after.AsSpan(0, 19 * TinyModels.Vocabulary), before.AsSpan(0, 19 * TinyModels.Vocabulary)).Should().BeLessThan(1e-5);
        Difference.Relative(after, before).Should().BeGreaterThan(1e-3);

        Changer wrong = new(2, ActivationPoints.Experts, values => values[0][0] = 8);
        model.Invoking(m => m.AllLogits(tokens, wrong)).Should().Throw<ArgumentException>().WithMessage("*0 to 7, found 8*");
    }

    private static double[] Expert(NoiseWeights weights, int expert, double[] x, bool bias)
    {
        double[] gate = Part("gate_proj", Width, Hidden, x);
        return Part("down_proj", Hidden, Width, Join(gate, Part("up_proj", Width, Hidden, x), bias));

        double[] Part(string name, int outputs, int inputs, double[] input)
        {
            double[] y = Map(weights.Values($"experts.{name}.weight", Experts * outputs, inputs), input, expert * outputs, outputs);
            float[]? add = bias ? weights.Values($"experts.{name}.bias", Experts, outputs) : null;
            return [.. y.Select((value, i) => value + (add?[(expert * outputs) + i] ?? 0))];
        }
    }

    private static double[] Join(double[] gate, double[] up, bool clamped) => clamped
        ? [.. gate.Zip(up, (g, u) => Math.Min(g, 0.8) * Sigmoid(1.5 * Math.Min(g, 0.8)) * (Math.Clamp(u, -0.8, 0.8) + 1))]
        : [.. gate.Zip(up, (g, u) => g * Sigmoid(g) * u)];

    private static double[] Map(float[] weights, double[] x, int firstRow, int rows) =>
        [.. Enumerable.Range(firstRow, rows).Select(row => Enumerable.Range(0, x.Length).Sum(k => x[k] * weights[(row * x.Length) + k]))];

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>Two experts a row, chosen by the row's number or always the same.</summary>
    private sealed class Fixed(int rows, int? first = null, int? second = null) : IExpertRouter
    {
        public int[] Chosen { get; } = [.. Enumerable.Range(0, rows).SelectMany(row => new[] { first ?? (row * 3 % MixtureOfExpertsTests.Experts), second ?? (((row * 3) + 1) % MixtureOfExpertsTests.Experts) })];

        public float[] Weights { get; } = Noise.Floats(8, 2 * rows);

        public int Experts => MixtureOfExpertsTests.Experts;

        public int ExpertsPerToken => 2;

        public void Route(MatrixSpan x, Span<int> experts, MatrixSpan weights, in ForwardContext context)
        {
            Chosen.CopyTo(experts);
            Weights.CopyTo(weights.Data);
        }
    }
}
