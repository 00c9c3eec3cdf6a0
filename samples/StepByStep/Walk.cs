using Transformer.Core;
using Transformer.Core.Numerics.Kernels;

namespace StepByStep;

/// <summary>The six steps from a text to the token that comes next.</summary>
internal sealed class Walk
{
    private const int ShownTokens = 10;

    private readonly TransformerModel _model;
    private readonly ITokenizer _tokenizer;
    private readonly string _prompt;
    private readonly int _layer;
    private readonly int _head;
    private readonly int[] _ids;
    private readonly string[] _pieces;
    private readonly Recorder _seen = new();

    public Walk(TransformerModel model, string prompt, int layer, int head)
    {
        Check("--layer", layer, model.Layers.Count);
        _model = model;
        _tokenizer = model.Tokenizer!;
        _prompt = prompt;
        _layer = layer;
        _head = head;
        _ids = _tokenizer.Encode(prompt);
        _pieces = [.. _ids.Select(Piece)];

        // One forward pass; all that follows only looks at what it left with the observer.
        using DecoderSession session = model.CreateSession();
        session.Observer = _seen;
        session.Forward(_ids);
        Check("--head", head, At(ActivationPoints.Pattern).Heads);
    }

    public void Write()
    {
        Tokens();
        Embedding();
        Positions();
        Attention();
        FeedForward();
        NextToken();
        Page.Heading("The model");
        Console.WriteLine(_model.Description);
    }

    private void Tokens()
    {
        Page.Step(1, "Text becomes tokens");
        Page.Text($"The tokenizer cuts '{_prompt}' into pieces of its vocabulary of {_tokenizer.VocabSize}; each has a number.");
        Console.WriteLine("  position     id  piece");
        for (int i = 0; i < _ids.Length; i++)
            Console.WriteLine($"  {i,8}  {_ids[i],5}  {_pieces[i]}");
    }

    private void Embedding()
    {
        Page.Step(2, "Tokens become vectors");
        Recorded rows = _seen[ActivationPoints.Embedding];
        Page.Text($"The number of a token selects a row of the embedding matrix [{_model.VocabSize}, {_model.HiddenSize}]:\nequal tokens, equal vectors.");
        Page.Rows(rows, _pieces);
    }

    private void Positions()
    {
        Page.Step(3, "Vectors learn where they stand");
        Page.Text("PE(pos, 2i) = sin(pos / 10000^(2i/d)), PE(pos, 2i+1) = cos(the same), added to the embedding.");
        Recorded before = _seen[ActivationPoints.Embedding];
        Recorded after = _seen[ActivationPoints.PositionedEmbedding];
        float[] added = [.. after.Values.Zip(before.Values, (sum, embedding) => sum - embedding)];
        Page.Rows(before with { Name = "PE, the difference", Values = added }, _pieces);
        Console.WriteLine();
        Page.Rows(after, _pieces);
    }

    private void Attention()
    {
        Page.Step(4, $"Tokens look at one another (layer {_layer} of {_model.Layers.Count})");
        int heads = At(ActivationPoints.Query).Heads;
        Page.Text($"Each token asks (q), offers (k) and tells (v), in {heads} heads of d = {At(ActivationPoints.Query).Columns / heads} values each:\nscores = q·k / √d, the future masked; pattern = softmax(scores); z = pattern·v; out = z·Wo.");
        Page.Points(Points(ActivationPoints.ResidualBefore, ActivationPoints.Query, ActivationPoints.Key, ActivationPoints.Value), RowOfLastToken);
        Page.Points(Points(ActivationPoints.Scores, ActivationPoints.Pattern, ActivationPoints.Mixed, ActivationPoints.AttentionOut), RowOfLastToken);
        Console.WriteLine();
        AttentionTable.Write(At(ActivationPoints.Pattern), _head, _pieces);
        Console.WriteLine();
        Page.Text("What attention found is added to what was there (the residual), and the sum is normalized:\nh = LN(h + attention(h)).");
        Page.Points(Points(ActivationPoints.ResidualMiddle), RowOfLastToken);
    }

    private void FeedForward()
    {
        Page.Step(5, $"Each token thinks for itself (layer {_layer})");
        Page.Text("FFN(h) = GELU(h·W1 + b1)·W2 + b2, then again the residual and LayerNorm: h = LN(h + FFN(h)).");
        Page.Points(Points(ActivationPoints.FeedForwardPre, ActivationPoints.FeedForwardPost, ActivationPoints.FeedForwardOut, ActivationPoints.ResidualAfter), RowOfLastToken);
        Console.WriteLine();
        Page.Text("Every layer does the same with weights of its own:");
        Page.Points(Enumerable.Range(0, _model.Layers.Count).Select(layer => _seen[$"layers.{layer}.{ActivationPoints.ResidualAfter}"]), RowOfLastToken);
    }

    private void NextToken()
    {
        Page.Step(6, "The last vector becomes the next token");
        Page.Text("A last LayerNorm, then the product with every row of the embedding matrix:\none logit for each token of the vocabulary. softmax makes them probabilities.");
        Recorded logits = _seen[ActivationPoints.Logits];
        Page.Points([_seen[ActivationPoints.FinalNorm], logits], recorded => recorded.Rows - 1);
        Console.WriteLine();
        float[] probabilities = logits.Row(logits.Rows - 1).ToArray();
        Softmax.Compute(probabilities);
        Console.WriteLine("  probability     logit     id  piece");
        foreach (int id in Enumerable.Range(0, probabilities.Length).OrderByDescending(id => probabilities[id]).Take(ShownTokens))
            Console.WriteLine($"  {probabilities[id],11:P3}  {logits.Row(logits.Rows - 1)[id],8:F3}  {id,5}  {Piece(id)}");
    }

    // A space at the end of a line would not be seen.
    private string Piece(int id) => _tokenizer.TokenText(id).Replace(' ', '␣').ReplaceLineEndings("\\n");

    private static void Check(string option, int value, int count)
    {
        if (value < 0 || value >= count)
            throw new ArgumentException($"{option}: expected 0 to {count - 1}, found {value}.");
    }

    private Recorded At(string point) => _seen[$"layers.{_layer}.{point}"];

    private IEnumerable<Recorded> Points(params string[] points) => points.Select(At);

    // Scores and patterns have a block of rows for each head.
    private int RowOfLastToken(Recorded recorded) => recorded.Rows == _ids.Length ? _ids.Length - 1 : ((_head + 1) * _ids.Length) - 1;
}
