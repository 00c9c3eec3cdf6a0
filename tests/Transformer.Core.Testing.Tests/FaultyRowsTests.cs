using Transformer.Core.Numerics;

namespace Transformer.Core.Testing.Tests;

/// <summary>Feed-forwards, normalizations, heads, embeddings and kernels with one fault each.</summary>
public class FaultyRowsTests
{
    private static readonly float[] Field = new float[4096];
    private static int _calls;

    /// <summary>y = max(0, x) + x / 2, and what is wrong with it.</summary>
    public static TheoryData<string, ConformanceRules> Faults => new()
    {
        { "reads other rows", ConformanceRules.Causality },
        { "counts calls", ConformanceRules.Stateless },
        { "ends early", ConformanceRules.Shapes },
        { "adds to y", ConformanceRules.Shapes },
        { "indexes densely", ConformanceRules.Shapes },
        { "depends on the number of rows", ConformanceRules.Stepwise },
        { "depends on the position", ConformanceRules.Batch },
        { "allocates", ConformanceRules.Allocation },
        { "keeps scratch in a field", ConformanceRules.TwoThreads },
        { "depends on threads", ConformanceRules.ThreadCount },
        { "does nothing", ConformanceRules.Effect },
        { "copies", ConformanceRules.Effect },
    };

    [Fact]
    public void Sound_ones_pass()
    {
        ComponentConformance.CheckFeedForward(_ => new Faulty("none"));
        ComponentConformance.CheckOutputHead(_ => new Faulty("none"), new ConformanceOptions { VocabSize = 32 });
        ComponentConformance.CheckNormalization(_ => new FaultyNorm("none"));
        ComponentConformance.CheckEmbedding(_ => new FaultyEmbedding("none"));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_feed_forward_is_caught(string fault, ConformanceRules rule) => Caught(rule, () => ComponentConformance.CheckFeedForward(_ => new Faulty(fault)));

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_head_is_caught(string fault, ConformanceRules rule) =>
        Caught(rule, () => ComponentConformance.CheckOutputHead(_ => new Faulty(fault), new ConformanceOptions { VocabSize = 32 }));

    [Theory]
    [InlineData("mean of all rows", ConformanceRules.Causality)]
    [InlineData("not in place", ConformanceRules.Shapes)]
    [InlineData("running mean", ConformanceRules.Stateless)]
    [InlineData("first row only", ConformanceRules.Shapes)]
    [InlineData("allocates", ConformanceRules.Allocation)]
    [InlineData("does nothing", ConformanceRules.Effect)]
    public void A_faulty_normalization_is_caught(string fault, ConformanceRules rule) => Caught(rule, () => ComponentConformance.CheckNormalization(_ => new FaultyNorm(fault)));

    [Theory]
    [InlineData("adds the row's index", ConformanceRules.Causality)]
    [InlineData("ends early", ConformanceRules.Shapes)]
    [InlineData("counts calls", ConformanceRules.Stateless)]
    [InlineData("allocates", ConformanceRules.Allocation)]
    [InlineData("does nothing", ConformanceRules.Effect)]
    public void A_faulty_embedding_is_caught(string fault, ConformanceRules rule) => Caught(rule, () => ComponentConformance.CheckEmbedding(_ => new FaultyEmbedding(fault)));

    [Theory]
    [InlineData("ends at whole vectors", "length 1.")]
    [InlineData("stores past the end", "wrote outside")]
    [InlineData("wrong beyond 64", "length 65")]
    public void A_faulty_kernel_is_caught(string fault, string where)
    {
        VectorOperation twin = (x, y) =>
        {
            for (int i = 0; i < x.Length; i++)
                y[i] = 2 * x[i];
        };
        ((Action)(() => ComponentConformance.CheckKernel("twice", Kernel, twin))).Should().Throw<ConformanceException>()
            .Where(failure => failure.Rule == ConformanceRules.ScalarTwin && failure.Component == "twice").WithMessage($"*{where}*");

        void Kernel(ReadOnlySpan<float> x, Span<float> y)
        {
            int end = fault == "ends at whole vectors" ? x.Length & ~7 : x.Length;
            for (int i = 0; i < end; i++)
                y[i] = fault == "wrong beyond 64" && i >= 64 ? x[i] : 2 * x[i];
            if (fault == "stores past the end")
                System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(y), y.Length + 1)[y.Length] = 0;
        }
    }

    private static void Caught(ConformanceRules rule, Action check)
    {
        ConformanceException failure = check.Should().Throw<ConformanceException>().Which;
        failure.Rule.Should().Be(rule, failure.Message);
        failure.Message.Should().Contain("Usually: ");
    }

    private sealed class Faulty(string fault) : IFeedForward, IOutputHead
    {
        public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
        {
            Interlocked.Increment(ref _calls);
            for (int row = 0; row < x.Rows; row++)
            {
                using WorkspaceScope scope = context.Workspace.Scope();
                Span<float> scratch = fault == "keeps scratch in a field" ? Field : context.Workspace.Floats(x.Columns);
                x[row].CopyTo(scratch);
                if (fault == "keeps scratch in a field" && row == 0)
                    Thread.Sleep(1);
                Span<float> output = fault == "indexes densely" ? y.Data.Slice(row * y.Columns, y.Columns) : y[row];
                for (int i = 0; i < x.Columns - (fault == "ends early" ? 1 : 0); i++)
                {
                    float value = Math.Max(0, scratch[i]) + (scratch[i] / 2);
                    output[i] = fault == "adds to y" ? output[i] + value : value;
                }
                switch (fault)
                {
                    case "reads other rows":
                        output[3] += x[(row + 1) % x.Rows][3];
                        break;
                    case "counts calls":
                        output[3] += _calls;
                        break;
                    case "depends on the number of rows":
                        output[3] += x.Rows;
                        break;
                    case "depends on the position":
                        output[3] += context.Positions[row];
                        break;
                    case "allocates":
                        output[3] += new float[3].Length;
                        break;
                    case "depends on threads":
                        output[3] *= 1 + (context.Workers.Threads * 1e-7f);
                        break;
                    case "does nothing":
                        output.Fill(1);
                        break;
                    case "copies":
                        x[row].CopyTo(output);
                        break;
                }
            }
        }
    }

    private sealed class FaultyNorm(string fault) : INormalization
    {
        private float _mean;

        public void Forward(MatrixSpan x, MatrixSpan y)
        {
            float all = 0;
            for (int row = 0; row < x.Rows; row++)
                all += Largest(x[row]) / x.Rows;
            for (int row = 0; row < (fault == "first row only" ? 1 : x.Rows); row++)
            {
                if (fault == "allocates")
                    _ = new float[x.Columns].Length;
                if (fault == "not in place")
                    y[row].Clear();
                float scale = fault == "mean of all rows" ? all : Largest(x[row]);
                if (fault == "running mean")
                    scale = _mean = (_mean + scale) / 2;
                for (int i = 0; i < x.Columns; i++)
                    y[row][i] = fault == "does nothing" ? x[row][i] : x[row][i] / scale;
            }
        }

        private static float Largest(ReadOnlySpan<float> values)
        {
            float largest = 1e-6f;
            foreach (float value in values)
                largest = Math.Max(largest, Math.Abs(value));
            return largest;
        }
    }

    private sealed class FaultyEmbedding(string fault) : IEmbedding
    {
        public void Forward(ReadOnlySpan<int> tokenIds, MatrixSpan hidden)
        {
            Interlocked.Increment(ref _calls);
            for (int row = 0; row < tokenIds.Length; row++)
            {
                if (fault == "allocates")
                    _ = new float[hidden.Columns].Length;
                for (int i = 0; i < hidden.Columns - (fault == "ends early" ? 1 : 0); i++)
                    hidden[row][i] = (fault == "does nothing" ? 1 : tokenIds[row] + i) + (fault == "adds the row's index" ? row : fault == "counts calls" ? _calls : 0);
            }
        }
    }
}
