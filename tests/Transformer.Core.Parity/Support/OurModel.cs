using Transformer.Core.Numerics;

namespace Transformer.Core.Parity.Support;

/// <summary>The ways in which one of our models computes the same logits.</summary>
internal static class OurModel
{
    /// <summary>All tokens in one pass.</summary>
    public static float[][] Prefill(this TransformerModel model, int[] tokens, IActivationObserver? observer = null)
    {
        using DecoderSession session = model.CreateSession();
        session.Observer = observer;
        float[] logits = new float[tokens.Length * model.VocabSize];
        session.ForwardAll(tokens, new MatrixSpan(logits, tokens.Length, model.VocabSize));
        return [.. logits.Chunk(model.VocabSize)];
    }

    /// <summary>One token a pass.</summary>
    public static float[][] TokenByToken(this TransformerModel model, int[] tokens)
    {
        using DecoderSession session = model.CreateSession();
        return [.. tokens.Select(token => session.Forward(token).ToArray())];
    }

    /// <summary>The logits after all tokens, in a pass that another sequence shares.</summary>
    public static float[] InBatch(this TransformerModel model, int[] tokens)
    {
        using DecoderSession session = model.CreateSession();
        using DecoderSession other = model.CreateSession();
        using SessionBatch batch = new(model);
        other.Forward(tokens.AsSpan(0, 3));
        session.Forward(tokens.AsSpan(0, 5));
        batch.Add(other, tokens.AsSpan(7, 4));
        batch.Add(session, tokens.AsSpan(5));
        batch.Forward();
        return session.Logits.ToArray();
    }

    /// <summary>The logits after the prompt, after the most likely token, after the most likely then, and so on.</summary>
    public static float[][] Greedy(this TransformerModel model, int[] prompt, int count, IActivationObserver? observer = null)
    {
        using DecoderSession session = model.CreateSession();
        session.Observer = observer;
        float[][] logits = new float[count][];
        logits[0] = session.Forward(prompt).ToArray();
        for (int i = 1; i < count; i++)
            logits[i] = session.Forward(Logits.ArgMax(logits[i - 1])).ToArray();
        return logits;
    }
}
