namespace Transformer.Core.Testing;

/// <summary>
/// Checks components of one's own, from a test or by hand: <c>ComponentConformance.CheckAttention(c => new Mine(c))</c>
/// returns, or throws a <see cref="ConformanceException"/> for the first rule that is broken. Takes milliseconds.
/// </summary>
/// <remarks>
/// A factory is given a small model with random weights (<see cref="ConformanceOptions"/>). A component of a loaded
/// model can be checked itself: <c>CheckAttention(model.Layers[3].Attention, model.HiddenSize)</c>.
/// </remarks>
public static class ComponentConformance
{
    /// <summary>Checks an attention block, and the state that it makes.</summary>
    /// <exception cref="ConformanceException">It breaks a rule.</exception>
    /// <exception cref="ModelBuildException">The factory asks for something that the small model does not have.</exception>
    public static void CheckAttention(Func<ComponentContext, IAttentionBlock> factory, ConformanceOptions? options = null)
    {
        options ??= new ConformanceOptions();
        CheckAttention(options.Builder().WithAttention(factory).Build().Layers[0].Attention, options.HiddenSize, options);
    }

    /// <summary>Checks an attention block that reads and writes rows of <paramref name="hiddenSize"/> features.</summary>
    /// <exception cref="ConformanceException">It breaks a rule.</exception>
    public static void CheckAttention(IAttentionBlock attention, int hiddenSize, ConformanceOptions? options = null) =>
        AttentionConformance.Check(attention, hiddenSize, new Subject(attention, options));

    /// <summary>Checks a position encoder: that it does something, and the same for a position wherever its row stands.</summary>
    /// <inheritdoc cref="CheckAttention(Func{ComponentContext, IAttentionBlock}, ConformanceOptions?)" path="/exception"/>
    public static void CheckPositions(Func<ComponentContext, IPositionalEncoder> factory, ConformanceOptions? options = null)
    {
        options ??= new ConformanceOptions();
        CheckPositions(options.Builder().WithPositions(factory).Build().Positions, options.HiddenSize, options.Heads, options.HeadDim, options);
    }

    /// <summary>Checks a position encoder for rows of <paramref name="hiddenSize"/> features and heads of <paramref name="headDim"/>.</summary>
    /// <exception cref="ConformanceException">It breaks a rule.</exception>
    public static void CheckPositions(IPositionalEncoder positions, int hiddenSize, int heads, int headDim, ConformanceOptions? options = null) =>
        new PositionConformance(positions, hiddenSize, heads, headDim, new Subject(positions, options)).Check();

    /// <summary>Checks a feed-forward.</summary>
    /// <inheritdoc cref="CheckAttention(Func{ComponentContext, IAttentionBlock}, ConformanceOptions?)" path="/exception"/>
    public static void CheckFeedForward(Func<ComponentContext, IFeedForward> factory, ConformanceOptions? options = null)
    {
        options ??= new ConformanceOptions();
        CheckFeedForward(options.Builder().WithFeedForward(factory).Build().Layers[0].FeedForward, options.HiddenSize, options);
    }

    /// <summary>Checks a feed-forward that reads and writes rows of <paramref name="hiddenSize"/> features.</summary>
    /// <exception cref="ConformanceException">It breaks a rule.</exception>
    public static void CheckFeedForward(IFeedForward feedForward, int hiddenSize, ConformanceOptions? options = null) =>
        new RowwiseConformance(feedForward.Forward, hiddenSize, hiddenSize, new Subject(feedForward, options)).Check();

    /// <summary>Checks a normalization.</summary>
    /// <inheritdoc cref="CheckAttention(Func{ComponentContext, IAttentionBlock}, ConformanceOptions?)" path="/exception"/>
    public static void CheckNormalization(Func<ComponentContext, INormalization> factory, ConformanceOptions? options = null)
    {
        options ??= new ConformanceOptions();
        CheckNormalization(options.Builder().WithNormalization(factory).Build().Layers[0].Norms[0], options.HiddenSize, options);
    }

    /// <summary>Checks a normalization of rows of <paramref name="width"/> features.</summary>
    /// <exception cref="ConformanceException">It breaks a rule.</exception>
    public static void CheckNormalization(INormalization normalization, int width, ConformanceOptions? options = null)
    {
        RowwiseConformance rows = new((x, y, in _) => normalization.Forward(x, y), width, width, new Subject(normalization, options));
        rows.Check();
        rows.CheckInPlace();
    }

    /// <summary>Checks an embedding.</summary>
    /// <inheritdoc cref="CheckAttention(Func{ComponentContext, IAttentionBlock}, ConformanceOptions?)" path="/exception"/>
    public static void CheckEmbedding(Func<ComponentContext, IEmbedding> factory, ConformanceOptions? options = null)
    {
        options ??= new ConformanceOptions();
        CheckEmbedding(options.Builder().WithEmbedding(factory).Build().Embedding, options.VocabSize, options.HiddenSize, options);
    }

    /// <summary>Checks an embedding of <paramref name="vocabSize"/> ids in rows of <paramref name="hiddenSize"/> features.</summary>
    /// <exception cref="ConformanceException">It breaks a rule.</exception>
    public static void CheckEmbedding(IEmbedding embedding, int vocabSize, int hiddenSize, ConformanceOptions? options = null) =>
        new EmbeddingConformance(embedding, vocabSize, hiddenSize, new Subject(embedding, options)).Check();

    /// <summary>Checks an output head.</summary>
    /// <inheritdoc cref="CheckAttention(Func{ComponentContext, IAttentionBlock}, ConformanceOptions?)" path="/exception"/>
    public static void CheckOutputHead(Func<ComponentContext, IOutputHead> factory, ConformanceOptions? options = null)
    {
        options ??= new ConformanceOptions();
        CheckOutputHead(options.Builder().WithOutputHead(factory).Build().OutputHead, options.HiddenSize, options.VocabSize, options);
    }

    /// <summary>Checks an output head that makes <paramref name="vocabSize"/> logits of <paramref name="hiddenSize"/> features.</summary>
    /// <exception cref="ConformanceException">It breaks a rule.</exception>
    public static void CheckOutputHead(IOutputHead head, int hiddenSize, int vocabSize, ConformanceOptions? options = null) =>
        new RowwiseConformance(head.Forward, hiddenSize, vocabSize, new Subject(head, options)).Check();

    /// <summary>Checks a vectorized kernel against its scalar twin, at every length up to 70 and some longer ones.</summary>
    /// <param name="name">Names the kernel in messages.</param>
    /// <param name="kernel">y = f(x), for spans of one length.</param>
    /// <param name="twin">The same, by a plain loop.</param>
    /// <param name="options">Only tolerance and rules concern a kernel.</param>
    /// <exception cref="ConformanceException">They differ, or the kernel writes beyond its output.</exception>
    public static void CheckKernel(string name, VectorOperation kernel, VectorOperation twin, ConformanceOptions? options = null) =>
        KernelConformance.Check(kernel, twin, new Subject(name, options));
}
