using Transformer.Core.Numerics;

namespace Transformer.Core.Experiments;

/// <summary>
/// What the model would say next if it ended after each layer: final normalization and output head applied to the
/// residual stream (nostalgebraist 2020, "interpreting GPT: the logit lens"). The last layer's row is the model's own answer.
/// </summary>
public sealed class LogitLens
{
    private LogitLens(IReadOnlyList<int> tokens, IReadOnlyList<LensRow> rows)
    {
        Tokens = tokens;
        Rows = rows;
    }

    /// <summary>The tokens that were read.</summary>
    public IReadOnlyList<int> Tokens { get; }

    /// <summary>One for the embedding and one for each layer, first to last.</summary>
    public IReadOnlyList<LensRow> Rows { get; }

    /// <summary>Looks through the lens at every token of a text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">[n] the text.</param>
    /// <param name="top">How many tokens are kept at each place.</param>
    /// <param name="observer">Who changes the pass meanwhile, or null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static LogitLens Of(TransformerModel model, ReadOnlySpan<int> tokens, int top = 5, IActivationObserver? observer = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        ActivationCapture capture = new(ActivationPoints.PositionedEmbedding, "layers.*." + ActivationPoints.ResidualAfter);
        ModelRun.Logits(model, tokens, observer is null ? capture : Intervention.All(observer, capture), cancellationToken);
        List<LensRow> rows = [];
        for (int layer = -1; layer < model.Layers.Count; layer++)
        {
            CapturedActivation residual = capture[layer < 0 ? ActivationPoints.PositionedEmbedding : $"layers.{layer}.{ActivationPoints.ResidualAfter}"];
            float[] logits = Logits(model, residual.Matrix);
            LensEntry[] entries = new LensEntry[tokens.Length];
            for (int i = 0; i < entries.Length; i++)
            {
                ReadOnlySpan<float> own = logits.AsSpan(i * model.VocabSize, model.VocabSize);
                entries[i] = new LensEntry(ModelRun.Top(own, top), i + 1 < tokens.Length ? ModelRun.Loss(own, tokens[i + 1]) : null);
            }
            rows.Add(new LensRow(layer, entries));
            cancellationToken.ThrowIfCancellationRequested();
        }
        return new LogitLens([.. tokens], rows);
    }

    /// <summary>[n, vocabulary] logits of rows of the residual stream [n, hidden], through the model's final normalization and head.</summary>
    public static float[] Logits(TransformerModel model, MatrixSpan residual)
    {
        using Workspace workspace = new();
        float[] logits = new float[checked(residual.Rows * model.VocabSize)];
        int[] positions = new int[residual.Rows];
        float[] normed = new float[residual.Rows * residual.Columns];
        MatrixSpan rows = new(normed, residual.Rows, residual.Columns);
        model.FinalNorm.Forward(residual, rows);
        model.OutputHead.Forward(rows, new MatrixSpan(logits, residual.Rows, model.VocabSize), new ForwardContext
        {
            Positions = positions,
            Sequences = [],
            Compute = new ComputeContext(WorkerPool.Shared, workspace),
            Layer = -1,
        });
        return logits;
    }
}

/// <summary>What is said after one layer.</summary>
/// <param name="Layer">The layer, from 0; -1: the embedding.</param>
/// <param name="Entries">One for each token of the text.</param>
public sealed record LensRow(int Layer, IReadOnlyList<LensEntry> Entries);

/// <summary>What is said at one place.</summary>
/// <param name="Top">The likeliest next tokens.</param>
/// <param name="LossOfNext">−ln p of the token that does follow in the text; null after its last.</param>
public sealed record LensEntry(IReadOnlyList<TokenProbability> Top, double? LossOfNext);
