using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Transformer.Core;
using Transformer.Core.Extensions.AI;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Snippets;

internal static class Recipes
{
    public static async Task Streaming(TransformerModel model)
    {
        #region streaming
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(30));
        GenerationOptions options = new() { MaxTokens = 200, StopStrings = ["\n\n"] };
        try
        {
            await foreach (GenerationUpdate update in model.StreamAsync("Once upon a time", options, stop.Token))
            {
                Console.Write(update.Text);
                if (update.Result is { } result)
                    Console.WriteLine($"\n{result.FinishReason}: {result.TokenIds.Count} tokens");
            }
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("\nstopped; what was printed stays");
        }
        #endregion
    }

    public static async Task Chat(TransformerModel model)
    {
        using IChatClient client = new TransformerChatClient(model, new TransformerChatClientOptions { Template = ChatTemplate.Plain });
        #region chat
        List<ChatMessage> conversation = [new(ChatRole.System, "Answer in one sentence.")];
        foreach (string question in (string[])["Why is the sky blue?", "And at sunset?"])
        {
            conversation.Add(new ChatMessage(ChatRole.User, question));
            ChatResponse answer = await client.GetResponseAsync(conversation, new ChatOptions { MaxOutputTokens = 60 });
            conversation.AddMessages(answer);
            Console.WriteLine(answer.Text);
        }
        #endregion
    }

    public static async Task Tools(TransformerModel model)
    {
        using IChatClient client = new TransformerChatClient(model, new TransformerChatClientOptions { Template = ChatTemplate.Parse("{{ tools | tojson }}{{ messages[0].content }}"), ToolCallFormat = ToolCallFormat.Hermes });
        #region tools
        AIFunction clock = AIFunctionFactory.Create(() => DateTime.UtcNow, "get_time", "The time now, in UTC");
        using IChatClient agent = client.AsBuilder().UseFunctionInvocation().Build();
        ChatResponse answer = await agent.GetResponseAsync("What time is it?", new ChatOptions { Tools = [clock], MaxOutputTokens = 200 });
        Console.WriteLine(answer.Text);
        #endregion
    }

    public static async Task Embeddings(TransformerModel model)
    {
        #region embeddings
        using TransformerEmbeddingGenerator generator = new(model, EmbeddingPooling.Mean);
        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(["a cat", "a kitten", "a bank"]);
        float near = TensorPrimitives.CosineSimilarity(vectors[0].Vector.Span, vectors[1].Vector.Span);
        float far = TensorPrimitives.CosineSimilarity(vectors[0].Vector.Span, vectors[2].Vector.Span);
        #endregion
        Console.WriteLine($"{near} {far}");
    }

    public static void Services()
    {
        #region services
        ServiceCollection services = new();
        services.AddTransformer("model.gguf").AddEmbeddingGenerator();
        services.AddKeyedTransformer("other", "model.gguf");
        using ServiceProvider provider = services.BuildServiceProvider();

        TextGenerator generator = provider.GetRequiredService<TextGenerator>();
        TextGenerator other = provider.GetRequiredKeyedService<TextGenerator>("other");
        Console.WriteLine(generator.Complete("Once upon a time").Text);
        #endregion
    }

    public static void LongContexts()
    {
        #region long
        TransformerModel model = TransformerBuilder.FromGguf("model.gguf").WithKvCache(WeightFormat.Float16).Build();
        using DecoderSession session = model.CreateSession(capacity: 64);
        GenerationOptions options = new() { MaxTokens = 200, ShiftContext = true, KeepTokens = 8 };
        GenerationResult result = new TextGenerator(model).Complete("Once upon a time", options, session);
        Console.WriteLine($"{session.SizeInBytes} bytes");
        #endregion
    }

    public static void Saved(TransformerModel model)
    {
        int[] systemPrompt = model.Tokenizer!.Encode("Once upon a time");
        #region saved
        using MemoryStream saved = new();
        using (DecoderSession first = model.CreateSession())
        {
            first.Forward(systemPrompt);
            first.Save(saved);
        }

        saved.Position = 0;
        using DecoderSession later = model.CreateSession();
        later.Load(saved);
        #endregion
        Console.WriteLine(later.Length);
    }

    public static async Task ManySessions(TransformerModel model)
    {
        string[] prompts = ["Once upon a time", "I love", "我爱"];
        #region many
        TextGenerator generator = new(model);
        using SessionPool pool = new(model, maxSessions: 16, maxBytes: 2L << 30);
        string[] texts = await Task.WhenAll(prompts.Select(prompt => Task.Run(() =>
        {
            int[] tokens = model.Tokenizer!.Encode(prompt);
            DecoderSession session = pool.Rent(tokens);
            try
            {
                return generator.Complete(tokens, new GenerationOptions { MaxTokens = 40 }, session).Text;
            }
            finally
            {
                pool.Return(session);
            }
        })));
        #endregion
        Console.WriteLine(string.Join("|", texts));
    }

    public static void Batch(TransformerModel model)
    {
        int[] tokens = model.Tokenizer!.Encode("I love"), others = model.Tokenizer.Encode("我爱");
        #region batch
        using DecoderSession first = model.CreateSession(), second = model.CreateSession();
        using SessionBatch batch = new(model);
        batch.Add(first, tokens);
        batch.Add(second, others);
        batch.Forward();
        Console.WriteLine($"{TensorPrimitives.IndexOfMax(first.Logits)}, {TensorPrimitives.IndexOfMax(second.Logits)}");
        #endregion
    }

    public static void Logprobs(TransformerModel model)
    {
        #region logprobs
        GenerationResult result = model.Complete("I love", new GenerationOptions { MaxTokens = 5, TopLogprobs = 3 });
        foreach (TokenLogprobs token in result.Logprobs)
        {
            IEnumerable<string> others = token.TopLogprobs.Select(o => $"'{model.Tokenizer!.TokenText(o.TokenId)}' {Math.Exp(o.Logprob):P1}");
            Console.WriteLine(string.Join("  ", others));
        }
        #endregion
    }

}
