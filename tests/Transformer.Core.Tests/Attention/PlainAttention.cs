using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Attention;

/// <summary>Multi-head attention as the formulas say it, in double precision, sharing no code with the library's.</summary>
internal sealed class PlainAttention
{
    public required IWeightSource Weights { get; init; }

    public required int Hidden { get; init; }

    public required int Heads { get; init; }

    public required int KvHeads { get; init; }

    public required int HeadDim { get; init; }

    public bool Bias { get; init; }

    public bool OutputBias { get; init; }

    public int Window { get; init; } = int.MaxValue;

    public double? Scale { get; init; }

    public double? ScoreCap { get; init; }

    public bool Sinks { get; init; }

    /// <summary>Whether queries and keys are normalized (RMS, epsilon 1e-5) head by head or all together; null: they are not.</summary>
    public bool? NormPerHead { get; init; }

    /// <summary>Added to a scaled score: head, query position, key position.</summary>
    public Func<int, int, int, double> ScoreBias { get; init; } = (_, _, _) => 0;

    public double[] Forward(float[] x)
    {
        int rows = x.Length / Hidden;
        double[] input = [.. x.Select(v => (double)v)];
        double[] q = Project(input, "q_proj", Heads * HeadDim, Hidden, Bias);
        double[] k = Project(input, "k_proj", KvHeads * HeadDim, Hidden, Bias);
        double[] v = Project(input, "v_proj", KvHeads * HeadDim, Hidden, Bias);
        if (NormPerHead is { } perHead)
        {
            Normalize(q, "q_norm", perHead ? HeadDim : Heads * HeadDim);
            Normalize(k, "k_norm", perHead ? HeadDim : KvHeads * HeadDim);
        }
        float[]? sinks = Sinks ? Weights.Find("sinks", TensorShape.Vector(Heads))!.ToArray() : null;
        double[] mixed = new double[rows * Heads * HeadDim];
        for (int head = 0; head < Heads; head++)
        {
            int group = head / (Heads / KvHeads);
            for (int query = 0; query < rows; query++)
            {
                int first = Math.Max(0, query - Window + 1);
                double[] weights = new double[query - first + 1];
                for (int key = first; key <= query; key++)
                {
                    double dot = 0;
                    for (int i = 0; i < HeadDim; i++)
                        dot += q[(((query * Heads) + head) * HeadDim) + i] * k[(((key * KvHeads) + group) * HeadDim) + i];
                    dot *= Scale ?? (1 / Math.Sqrt(HeadDim));
                    weights[key - first] = (ScoreCap is { } cap ? cap * Math.Tanh(dot / cap) : dot) + ScoreBias(head, query, key);
                }
                double largest = weights.Max();
                double total = weights.Sum(w => Math.Exp(w - largest)) + (sinks is null ? 0 : Math.Exp(sinks[head] - largest));
                for (int key = first; key <= query; key++)
                    for (int i = 0; i < HeadDim; i++)
                        mixed[(((query * Heads) + head) * HeadDim) + i] += Math.Exp(weights[key - first] - largest) / total * v[(((key * KvHeads) + group) * HeadDim) + i];
            }
        }
        return Project(mixed, "o_proj", Hidden, Heads * HeadDim, OutputBias);
    }

    private void Normalize(double[] x, string name, int width)
    {
        float[] weight = Weights.Find(name + ".weight", TensorShape.Vector(width))!.ToArray();
        for (int start = 0; start < x.Length; start += width)
        {
            double mean = x.Skip(start).Take(width).Average(value => value * value);
            for (int i = 0; i < width; i++)
                x[start + i] *= weight[i] / Math.Sqrt(mean + 1e-5);
        }
    }

    private double[] Project(double[] x, string name, int outputs, int inputs, bool bias)
    {
        float[] weight = Weights.Find(name + ".weight", new TensorShape(outputs, inputs))!.ToArray();
        float[] add = bias ? Weights.Find(name + ".bias", TensorShape.Vector(outputs))!.ToArray() : new float[outputs];
        int rows = x.Length / inputs;
        double[] y = new double[rows * outputs];
        for (int row = 0; row < rows; row++)
            for (int o = 0; o < outputs; o++)
            {
                double sum = add[o];
                for (int i = 0; i < inputs; i++)
                    sum += x[(row * inputs) + i] * weight[((long)o * inputs) + i];
                y[(row * outputs) + o] = sum;
            }
        return y;
    }
}
