using System.CommandLine;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer tokenize</c>: the token ids of a text. Needs a vocabulary, no weights.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<bool> noBos = SharedOptions.NoBos();
        Option<string> text = new("--text") { Description = "The text.", HelpName = "T", Required = true };
        Option<bool> parseSpecial = new("--parse-special") { Description = "Text that spells a special token becomes that token." };

        Command command = new("tokenize", "Show the tokens of a text.") { model, text, noBos, parseSpecial, json };
        command.SetAction(CommandRun.Action((parsed, _) =>
        {
            ITokenizer tokenizer = ModelFile.LoadTokenizer(parsed.GetValue(model));
            int[] tokens = tokenizer.Encode(parsed.GetRequiredValue(text), parsed.GetValue(noBos) ? false : null, parsed.GetValue(parseSpecial));
            if (parsed.GetValue(json))
                WriteJson(tokenizer, tokens);
            else
                WriteTable(tokenizer, tokens);
        }));
        return command;
    }

    private static void WriteJson(ITokenizer tokenizer, int[] tokens) => JsonOutput.Write(writer =>
    {
        writer.WriteNumbers("tokens", tokens);
        writer.WriteTexts("pieces", tokens.Select(tokenizer.TokenText));
        writer.WriteString("text", tokenizer.Decode(tokens));
    });

    private static void WriteTable(ITokenizer tokenizer, int[] tokens)
    {
        TextTable table = new(">token", "piece");
        foreach (int token in tokens)
            table.Add($"{token}", Readable.Token(tokenizer.TokenText(token)));
        table.Write();
    }
}
