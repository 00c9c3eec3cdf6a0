using Transformer.Core;
using Transformer.Core.Architectures;
using Transformer.Core.Experiments;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics;
using Transformer.Core.Positions;
using Transformer.Core.Testing;

namespace Transformer.Core.Snippets;

internal static class Components
{
    public static void Swap()
    {
        #region swap
        TransformerModel model = TransformerBuilder.FromGguf("samples/primer/primer.gguf")
            .WithPositions(c => new AlibiPositions(c.Heads))
            .WithLayer(3, layer => layer.WithFeedForward(c => new Mlp(c, ActivationFunction.Relu)))
            .Build();
        #endregion

        ComponentConformance.CheckFeedForward(c => new HalfFeedForward(c));
    }

    public static void Look(TransformerModel model)
    {
        using DecoderSession session = model.CreateSession();
        session.Observer = new PatternPrinter();
        session.Forward(model.Tokenizer!.Encode("我爱"));
    }

    public static void Capture(TransformerModel model)
    {
        int[] ids = model.Tokenizer!.Encode("我爱中华人民共和国");
        #region capture
        using DecoderSession session = model.CreateSession();
        session.Observer = Intervention.ZeroHead(layer: 2, head: 1);
        using ActivationCapture capture = session.Capture("layers.*.attention.pattern", "layers.3.*", "logits");
        session.Forward(ids);
        Console.WriteLine(capture["layers.0.attention.pattern"].Head(1)[3][0]);
        #endregion
    }

    public static void Check()
    {
        #region check
        ComponentConformance.CheckNormalization(c => new RmsNormalization(c));
        #endregion
    }

    public static void Lens()
    {
        #region lens
        TransformerModel model = TransformerBuilder.FromGguf("model.gguf").Build();
        int[] tokens = model.Tokenizer!.Encode("The cat sat on the");
        LogitLens lens = LogitLens.Of(model, tokens);
        #endregion

        #region compare
        TransformerModel changed = TransformerBuilder.FromGguf("model.gguf").WithoutLayer(3).Build();
        ModelComparison comparison = ModelComparison.Of(model, changed, tokens);
        Console.WriteLine($"loss {comparison.OriginalLoss:F3} -> {comparison.ChangedLoss:F3}");
        #endregion
    }

    public static void Register()
    {
        #region register
        ArchitectureRegistry.Default.Register(new MyArchitecture());
        TransformerModel model = TransformerBuilder.FromGguf("mine.gguf").Build();
        #endregion
    }

    private sealed class MyArchitecture : IArchitecture
    {
        public IReadOnlyList<string> Names { get; } = ["mine"];

        public void Configure(TransformerBuilder builder, IModelMetadata metadata) => builder.WithName("mine");
    }
}

#region own
internal sealed class HalfFeedForward(ComponentContext c) : IFeedForward
{
    private readonly Mlp _inner = new(c);

    public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
    {
        _inner.Forward(x, y, context);
        for (int row = 0; row < y.Rows; row++)
            foreach (ref float value in y[row])
                value *= 0.5f;
    }
}
#endregion

#region observer
internal sealed class PatternPrinter : IActivationObserver
{
    public bool Wants(int layer, string point) => layer == 0 && point == ActivationPoints.Pattern;

    public void Observe(in Activation activation) =>
        Console.WriteLine($"{activation.Name}: {activation.Heads} heads, {activation.Values.Rows} rows, {activation.Values.Columns} keys");
}
#endregion
