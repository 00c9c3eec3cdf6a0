using System.CommandLine;
using System.Text;
using Transformer.Core.Tool.Output;
using Transformer.Core.Tool.Report;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer explain</c>: a page that shows what the model does with a prompt.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<string> prompt = SharedOptions.Prompt();
        Option<bool> noBos = SharedOptions.NoBos();
        Option<string> output = new("--out") { Description = "The page to write, HTML.", HelpName = "FILE", Required = true };
        Option<bool> force = new("--force") { Description = "Overwrite the file if it is there." };

        Command command = new("explain", "Write a page that walks through what the model does with a prompt.") { model, prompt, output, force, noBos, threads, json };
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(output);
            if (!parsed.GetValue(force) && File.Exists(path))
                throw new IOException($"{path}: the file exists; --force overwrites it.");
            TransformerModel loaded = ModelFile.Load(parsed.GetValue(model), parsed.GetValue(threads));
            string text = parsed.GetRequiredValue(prompt);
            TokenText tokens = new(loaded, text, !parsed.GetValue(noBos));
            string page = ExplainReport.Create(loaded, tokens, text, cancellationToken);
            File.WriteAllText(path, page, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(writer =>
                {
                    writer.WriteString("file", path);
                    writer.WriteNumber("bytes", new FileInfo(path).Length);
                    writer.WriteNumbers("tokens", tokens.Ids);
                });
            }
            else
            {
                Console.WriteLine($"{path}: {Readable.Bytes(new FileInfo(path).Length)}, {tokens.Ids.Length} tokens");
            }
        }));
        return command;
    }
}
