using System.Diagnostics;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Completion;

/// <summary>A long prompt computed piece by piece behind a progress bar; what follows it computes only its last token.</summary>
internal sealed class LongPrompt : IDisposable
{
    private const int Piece = 256;

    private LongPrompt(DecoderSession session, TimeSpan time)
    {
        Session = session;
        Time = time;
    }

    public DecoderSession Session { get; }

    public TimeSpan Time { get; }

    /// <summary>Null for a prompt that is soon computed, or that nobody waits for at a terminal.</summary>
    /// <exception cref="ContextLengthExceededException">The prompt is longer than the model's context.</exception>
    public static LongPrompt? Compute(TransformerModel model, int[] tokens, GenerationOptions options, CancellationToken cancellationToken)
    {
        if (Console.IsErrorRedirected || tokens.Length <= 4 * Piece || tokens.Length > model.ContextLength)
            return null;
        DecoderSession session = model.CreateSession((int)Math.Min(model.ContextLength, (long)tokens.Length + Math.Max(options.MaxTokens, 1)));
        try
        {
            long start = Stopwatch.GetTimestamp();
            ProgressBar.Run("prompt", progress =>
            {
                for (int done = 0; done < tokens.Length - 1;)
                {
                    int count = Math.Min(Piece, tokens.Length - 1 - done);
                    session.Forward(tokens.AsSpan(done, count), cancellationToken);
                    done += count;
                    progress?.Report((double)done / tokens.Length);
                }
                return true;
            });
            return new LongPrompt(session, Stopwatch.GetElapsedTime(start));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void Dispose() => Session.Dispose();
}
