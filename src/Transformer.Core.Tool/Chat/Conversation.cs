using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.AI;
using Transformer.Core.Extensions.AI;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Chat;

/// <summary>Reads lines, answers each, and remembers both.</summary>
/// <param name="client">Who answers; its session pool keeps what is computed.</param>
/// <param name="system">What the model is told first, or null.</param>
/// <param name="json">Whether each answer is a JSON object on a line.</param>
/// <param name="interruption">Ctrl-C.</param>
internal sealed class Conversation(TransformerChatClient client, string? system, bool json, Interruption interruption)
{
    private readonly List<ChatMessage> _messages = [];
    private readonly bool _isTyped = !Console.IsInputRedirected;

    /// <summary>Runs until the input ends.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        using StreamReader input = new(Console.OpenStandardInput(), new UTF8Encoding(false));
        Reset();
        while (true)
        {
            if (_isTyped && !json)
                Console.Write("> ");
            // the console's own reader has the keys of a terminal
            string? line = _isTyped ? Console.ReadLine() : await input.ReadLineAsync();
            switch (line?.Trim())
            {
                case null or "/exit":
                    return 0;
                case "":
                    continue;
                case "/reset":
                    Reset();
                    continue;
            }
            try
            {
                await Answer(line);
            }
            catch (ContextLengthExceededException full) when (_isTyped)
            {
                _messages.RemoveAt(_messages.Count - 1);
                Console.Error.WriteLine($"{full.Message} /reset begins anew.");
            }
        }
    }

    private void Reset()
    {
        _messages.Clear();
        if (!string.IsNullOrEmpty(system))
            _messages.Add(new ChatMessage(ChatRole.System, system));
    }

    private async Task Answer(string line)
    {
        _messages.Add(new ChatMessage(ChatRole.User, line));
        StringBuilder text = new();
        UsageDetails usage = new();
        string reason = "interrupted";
        long begun = Stopwatch.GetTimestamp();
        try
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(_messages, cancellationToken: interruption.BeginAnswer()))
            {
                usage = update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details ?? usage;
                reason = update.FinishReason?.Value ?? reason;
                // an answer's first space belongs to the form of the conversation
                string piece = text.Length == 0 ? update.Text.TrimStart() : update.Text;
                text.Append(piece);
                if (!json)
                    Console.Write(piece);
            }
        }
        catch (OperationCanceledException)
        {
            // what it has said so far it has said
        }
        finally
        {
            interruption.EndAnswer();
        }
        _messages.Add(new ChatMessage(ChatRole.Assistant, text.ToString()));
        if (json)
            WriteJson(line, text.ToString(), usage, reason);
        else
            WriteEnd(usage, reason, Stopwatch.GetElapsedTime(begun));
    }

    private static void WriteJson(string line, string text, UsageDetails usage, string reason) => JsonOutput.Write(writer =>
    {
        writer.WriteString("user", line);
        writer.WriteString("text", text);
        writer.WriteNumber("prompt_tokens", usage.InputTokenCount ?? 0);
        writer.WriteNumber("cached_tokens", usage.CachedInputTokenCount ?? 0);
        writer.WriteNumber("tokens", usage.OutputTokenCount ?? 0);
        writer.WriteString("finish_reason", reason);
    });

    private void WriteEnd(UsageDetails usage, string reason, TimeSpan time)
    {
        Console.WriteLine();
        if (reason == "interrupted")
            Console.Error.WriteLine("[stopped]");
        else if (!_isTyped || reason == "length")
            Console.Error.WriteLine($"[prompt {usage.InputTokenCount} tokens, {usage.CachedInputTokenCount} of them known; text {usage.OutputTokenCount} tokens; {time.TotalSeconds:0.0} s; ended by: {reason}]");
    }
}
