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

    /// <summary>The most likely token after the prompt, the most likely after that, and so on.</summary>
    public static int[] Greedy(this TransformerModel model, int[] prompt, int count, IActivationObserver? observer = null)
    {
        using DecoderSession session = model.CreateSession();
        session.Observer = observer;
        int[] tokens = new int[count];
        int next = Logits.ArgMax(session.Forward(prompt));
        for (int i = 0; i < count; i++)
        {
            tokens[i] = next;
            next = Logits.ArgMax(session.Forward(next));
        }
        return tokens;
    }
}
