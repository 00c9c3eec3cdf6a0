using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>What a session's call wants of its tokens.</summary>
internal enum SessionOutput
{
    None,
    LastLogits,
    Logits,
    Hidden,
}

/// <summary>Takes a piece of one session's tokens through the model.</summary>
/// <param name="session">The session, whose next positions the tokens take.</param>
/// <param name="workspace">Its scratch memory.</param>
internal readonly ref struct SessionPass(DecoderSession session, Workspace workspace)
{
    /// <summary>Longer prompts are computed in pieces: enough rows to read each weight once for many, little enough scratch.</summary>
    public const int MaxRows = 256;

    /// <summary>Computes a piece; the session's length stays as it is.</summary>
    /// <param name="tokenIds">[n] ids that were checked, at most <see cref="MaxRows"/>.</param>
    /// <param name="output">[n, vocabulary] or [n, hidden size] where <paramref name="kind"/> asks for every token, else empty.</param>
    /// <param name="kind">What is computed beside the layers' states; logits of the last token go to the session.</param>
    /// <param name="cancellationToken">Checked before every layer.</param>
    public void Run(ReadOnlySpan<int> tokenIds, MatrixSpan output, SessionOutput kind, CancellationToken cancellationToken)
    {
        TransformerModel model = session.Model;
        Span<int> positions = stackalloc int[MaxRows];
        Span<int> rows = stackalloc int[MaxRows];
        for (int i = 0; i < tokenIds.Length; i++)
        {
            positions[i] = session.Length + i;
            rows[i] = i;
        }
        ForwardContext context = new()
        {
            Positions = positions[..tokenIds.Length],
            Sequences = [session.Rows(0, tokenIds.Length)],
            Compute = new ComputeContext(model.Workers, workspace),
            Layer = -1,
            Observer = session.Observer,
            DropoutSeed = session.DropoutSeed,
        };
        switch (kind)
        {
            case SessionOutput.Hidden:
                model.ForwardHidden(tokenIds, output, context, cancellationToken);
                break;
            case SessionOutput.Logits:
                model.Forward(tokenIds, rows[..tokenIds.Length], output, context, cancellationToken);
                break;
            case SessionOutput.LastLogits:
                model.Forward(tokenIds, rows[(tokenIds.Length - 1)..tokenIds.Length], new MatrixSpan(session.LogitBuffer, 1, model.VocabSize), context, cancellationToken);
                break;
            default:
                model.Forward(tokenIds, [], default, context, cancellationToken);
                break;
        }
    }
}
