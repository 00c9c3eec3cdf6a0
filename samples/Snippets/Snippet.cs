namespace Transformer.Core.Snippets;

/// <summary>The snippets that run on the primer, by name.</summary>
public static class Snippet
{
    /// <summary>Each runs in a folder with <c>model.gguf</c>.</summary>
    public static IReadOnlyDictionary<string, Func<Task>> All { get; } = new Dictionary<string, Func<Task>>
    {
        ["getting-started"] = GettingStarted.Stream,
        ["readme"] = Readme.First,
        ["readme-swap"] = Run(Readme.Swap),
        ["readme-describe"] = Run(Readme.Describe),
        ["recipes-streaming"] = () => Recipes.Streaming(Open()),
        ["recipes-chat"] = () => Recipes.Chat(Open()),
        ["recipes-tools"] = () => Recipes.Tools(Open()),
        ["recipes-embeddings"] = () => Recipes.Embeddings(Open()),
        ["recipes-services"] = Run(Recipes.Services),
        ["recipes-long"] = Run(() => Recipes.LongContexts()),
        ["recipes-saved"] = Run(() => Recipes.Saved(Open())),
        ["recipes-many"] = () => Recipes.ManySessions(Open()),
        ["recipes-batch"] = Run(() => Recipes.Batch(Open())),
        ["recipes-logprobs"] = Run(() => Recipes.Logprobs(Open())),
        ["concepts-numerics"] = Run(Concepts.Numerics),
        ["concepts-weights"] = Run(Concepts.Weights),
        ["concepts-contracts"] = Run(Concepts.Errors),
        ["concepts-positions"] = Run(Concepts.Positions),
        ["concepts-attention"] = Run(Concepts.Attention),
        ["concepts-feed-forward"] = Run(Concepts.FeedForward),
        ["concepts-normalization"] = Run(Concepts.Normalization),
        ["concepts-embedding"] = Run(Concepts.Ends),
        ["concepts-model"] = Run(Concepts.Model),
        ["concepts-architectures"] = Run(Concepts.Architectures),
        ["concepts-tokenization"] = Run(() => Concepts.Tokenization(Open())),
        ["concepts-sampling"] = Run(() => Concepts.Sampling(Open())),
        ["components-swap"] = Run(Components.Swap),
        ["components-observe"] = Run(() => Components.Look(Open())),
        ["components-capture"] = Run(() => Components.Capture(Open())),
        ["testing"] = Run(Components.Check),
        ["experiments"] = Run(Components.Lens),
        ["core-package"] = Readme.Package,
        ["core-package-swap"] = Run(Readme.PackageSwap),
        ["llamasharp"] = () => Coming.Stream(Open()),
        ["ml-genai"] = Run(() => Coming.Pipeline(Open())),
    };

    private static TransformerModel Open() => TransformerBuilder.FromGguf("model.gguf").Build();

    private static Func<Task> Run(Action action) => () =>
    {
        action();
        return Task.CompletedTask;
    };
}
