using System.CommandLine;
using Microsoft.Extensions.AI;
using Transformer.Core.Extensions.AI;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tool.Chat;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer chat</c>: a conversation, line by line.</summary>
internal static class ChatCommand
{
    public const string Name = "chat";

    public static Command Create()
    {
        Argument<string?> argument = SharedOptions.ModelArgument();
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<WeightFormat> kvCache = SharedOptions.KvCache();
        Option<string?> system = new("--system") { Description = "What the model is told before the conversation.", HelpName = "TEXT" };
        Option<int> maxTokens = SharedOptions.Integer("--max-tokens", 0, 0, "Most tokens of an answer; 0: what the context holds.");
        Option<double?> temperature = new("--temperature") { Description = "0: always the most probable token. Default: as the model's file recommends.", HelpName = "X" };
        Option<double?> topP = new("--top-p") { Description = "Keep the fewest tokens that together have this probability.", HelpName = "X" };
        Option<int?> seed = new("--seed") { Description = "Makes random choices repeatable.", HelpName = "N" };

        Command command = new(Name, "Talk with a model, a line at a time; /reset begins anew, /exit or the end of the input ends. Ctrl-C stops an answer, then the program.")
        {
            argument, model, system, maxTokens, temperature, topP, seed, threads, kvCache, json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(
            async () =>
            {
                TransformerModel loaded = ModelFile.Load(SharedOptions.ModelOf(parsed, argument, model), parsed.GetValue(threads), parsed.GetValue(kvCache));
                GenerationOptions recommended = new TextGenerator(loaded).DefaultOptions;
                using SessionPool sessions = new(loaded, maxSessions: 1);
                using TransformerChatClient client = new(loaded, new TransformerChatClientOptions
                {
                    Template = TemplateOf(loaded),
                    Sessions = sessions,
                    Defaults = recommended with
                    {
                        MaxTokens = parsed.GetValue(maxTokens) is > 0 and var most ? most : loaded.ContextLength,
                        Temperature = parsed.GetValue(temperature) ?? recommended.Temperature,
                        TopP = parsed.GetValue(topP) ?? recommended.TopP,
                        Seed = parsed.GetValue(seed),
                    },
                });
                using Interruption interruption = new(cancellationToken);
                return await new Conversation(client, parsed.GetValue(system), parsed.GetValue(json), interruption).RunAsync();
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>The model's own template, or plain lines with a note.</summary>
    public static ChatTemplate TemplateOf(TransformerModel model)
    {
        if (model.Metadata?.OptionalText(ChatTemplate.MetadataKey) is { Length: > 0 })
            return ChatTemplate.FromModel(model);
        Console.Error.WriteLine($"[{model.Description.Name} has no chat template: conversations are lines of 'User: ...' and 'Assistant: ...']");
        return ChatTemplate.Plain;
    }
}
