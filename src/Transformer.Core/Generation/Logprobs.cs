using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Generation;

/// <summary>Works out log-probabilities from raw logits.</summary>
internal static class Logprobs
{
    /// <summary>A token's log-probability, with the <paramref name="top"/> most probable tokens; of equal ones smaller ids first.</summary>
    public static TokenLogprobs Of(int token, ReadOnlySpan<float> logits, int top)
    {
        double total = LogSumExp.Compute(logits);
        TokenLogprob[] best = Largest(logits, top);
        for (int i = 0; i < best.Length; i++)
            best[i] = best[i] with { Logprob = Math.Min(best[i].Logprob - total, 0) };
        return new TokenLogprobs(token, Math.Min(logits[token] - total, 0), best);
    }

    /// <summary>The largest values, largest first; of equal ones smaller ids first.</summary>
    public static TokenLogprob[] Largest(ReadOnlySpan<float> logits, int count)
    {
        if (count == 0)
            return [];
        PriorityQueue<int, (float Logit, int Order)> kept = new(count);
        float border = float.NegativeInfinity;
        for (int i = 0; i < logits.Length; i++)
        {
            if (kept.Count < count)
                kept.Enqueue(i, (logits[i], -i));
            else if (logits[i] > border)
                kept.DequeueEnqueue(i, (logits[i], -i));
            else
                continue;
            if (kept.Count == count && kept.TryPeek(out _, out (float Logit, int) smallest))
                border = smallest.Logit;
        }
        TokenLogprob[] best = new TokenLogprob[kept.Count];
        for (int i = best.Length - 1; i >= 0; i--)
        {
            int id = kept.Dequeue();
            best[i] = new TokenLogprob(id, logits[id]);
        }
        return best;
    }
}
