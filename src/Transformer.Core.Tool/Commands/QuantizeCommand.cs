using System.CommandLine;
using System.CommandLine.Parsing;
using Transformer.Core.Tool.Output;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer quantize</c>: a GGUF file with its matrices in another format.</summary>
internal static class QuantizeCommand
{
    public static Command Create()
    {
        Argument<string> source = new("IN") { Description = "The GGUF file to read." };
        Argument<string> target = new("OUT") { Description = "The GGUF file to write." };
        Argument<QuantizationRecipe?> type = new("TYPE")
        {
            Description = $"What matrices are stored as: {string.Join(", ", QuantizationRecipe.All)}.",
            CustomParser = ParseType,
        };
        Option<bool> force = new("--force") { Description = "Overwrite OUT if it is there." };
        Option<int?> threads = SharedOptions.Threads();
        Option<bool> json = SharedOptions.Json();

        Command command = new("quantize", "Store a GGUF file's matrices in another format.") { source, target, type, force, threads, json };
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            string input = ModelFile.Locate(parsed.GetRequiredValue(source)), output = parsed.GetRequiredValue(target);
            if (!parsed.GetValue(force) && File.Exists(output))
                throw new IOException($"{output}: the file exists; --force overwrites it.");
            QuantizationRecipe recipe = parsed.GetRequiredValue(type)!;
            QuantizationResult result = ProgressBar.Run("quantizing", progress =>
                GgufQuantizer.Quantize(input, output, recipe, parsed.GetValue(threads), progress, cancellationToken));
            if (parsed.GetValue(json))
                WriteJson(input, output, recipe, result);
            else
                WriteTables(input, output, result);
        }));
        return command;
    }

    private static QuantizationRecipe? ParseType(ArgumentResult result)
    {
        string name = result.Tokens[0].Value;
        QuantizationRecipe? recipe = QuantizationRecipe.Find(name);
        if (recipe is null)
            result.AddError($"TYPE: expected one of {string.Join(", ", QuantizationRecipe.All)}, found '{name}'.");
        return recipe;
    }

    private static void WriteJson(string input, string output, QuantizationRecipe recipe, QuantizationResult result) => JsonOutput.Write(writer =>
    {
        writer.WriteString("type", recipe.Name);
        writer.WriteNumber("parameters", result.Parameters);
        writer.WriteNumber("bytes_before", new FileInfo(input).Length);
        writer.WriteNumber("bytes_after", new FileInfo(output).Length);
        writer.WriteFinite("bits_per_weight_before", result.BitsBefore);
        writer.WriteFinite("bits_per_weight", result.BitsAfter);
        writer.WriteStartObject("tensors");
        foreach ((string type, int count) in result.TensorsPerType.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            writer.WriteNumber(type, count);
        writer.WriteEndObject();
    });

    private static void WriteTables(string input, string output, QuantizationResult result)
    {
        new TextTable("file", ">size", ">tensors", ">bits a weight")
            .Add(input, Readable.Bytes(new FileInfo(input).Length), Readable.Bytes(result.BytesBefore), Readable.Number(result.BitsBefore, "F2"))
            .Add(output, Readable.Bytes(new FileInfo(output).Length), Readable.Bytes(result.BytesAfter), Readable.Number(result.BitsAfter, "F2"))
            .Write();
        TextTable types = new("type", ">tensors");
        foreach ((string type, int count) in result.TensorsPerType.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            types.Add(type, $"{count}");
        types.Write();
    }
}
