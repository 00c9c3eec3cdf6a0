using System.CommandLine;
using System.Text;
using Transformer.Core.Tool;
using Transformer.Core.Tool.Commands;

// Text goes out as UTF-8 whatever the console was set to: a Chinese completion has no other spelling.
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

RootCommand root = new("Decoder transformers in pure managed .NET: complete, chat, serve, tokenize, score, look inside, time and quantize models.")
{
    CompleteCommand.Create(),
    ChatCommand.Create(),
    ServeCommand.Create(),
    TokenizeCommand.Create(),
    LogitsCommand.Create(),
    PerplexityCommand.Create(),
    LensCommand.Create(),
    AttentionCommand.Create(),
    AblateCommand.Create(),
    CompareCommand.Create(),
    ExplainCommand.Create(),
    InspectCommand.Create(),
    BenchCommand.Create(),
    QuantizeCommand.Create(),
};
return await CommandRun.InvokeAsync(root, args);
