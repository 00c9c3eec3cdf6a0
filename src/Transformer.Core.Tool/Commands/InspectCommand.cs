using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer inspect</c>: metadata, tensors and memory of a file, also of one that cannot be run.</summary>
internal static class InspectCommand
{
    private const int ShownCharacters = 72;
    private const int ShownItems = 6;

    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Command command = new("inspect", "Show metadata, tensors, parameters and memory of a file.") { model, json };
        command.SetAction(CommandRun.Action((parsed, _) =>
        {
            ModelContents contents = ModelContents.Read(ModelFile.Locate(parsed.GetValue(model)));
            (ModelDescription? description, string? problem) = contents.Describe();
            if (parsed.GetValue(json))
                WriteJson(contents, description, problem);
            else
                WriteTables(contents, description, problem);
        }));
        return command;
    }

    private static void WriteJson(ModelContents contents, ModelDescription? description, string? problem) => JsonOutput.Write(writer =>
    {
        writer.WriteString("file", contents.Path);
        writer.WriteString("format", contents.Format);
        writer.WriteString("architecture", contents.Metadata.Architecture);
        writer.WriteBoolean("supported", problem is null);
        writer.WriteString("problem", problem);
        writer.WriteStartObject("metadata");
        foreach (string key in contents.Metadata.Keys)
        {
            writer.WritePropertyName(key);
            WriteValue(writer, contents.Metadata.Find(key), contents.HasSinglePrecisionMetadata);
        }
        writer.WriteEndObject();
        writer.WriteStartArray("tensors");
        foreach (ListedTensor tensor in contents.Tensors)
            WriteTensor(writer, tensor);
        writer.WriteEndArray();
        writer.WriteNumber("parameters", contents.Parameters);
        writer.WriteStartObject("memory");
        writer.WriteNumber("weight_bytes", contents.Bytes);
        writer.WritePropertyName("kv_cache_bytes");
        WriteValue(writer, description?.StateBytes, false);
        writer.WritePropertyName("context_length");
        WriteValue(writer, (long?)description?.ContextLength, false);
        writer.WriteEndObject();
    });

    private static void WriteTensor(Utf8JsonWriter writer, ListedTensor tensor)
    {
        writer.WriteStartObject();
        writer.WriteString("name", tensor.Name);
        writer.WriteStartArray("shape");
        foreach (long size in tensor.Shape)
            writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteString("type", tensor.Type);
        writer.WritePropertyName("bytes");
        WriteValue(writer, tensor.Bytes, false);
        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value, bool singlePrecision)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;

            // 1e-5 was stored as a 32-bit float: as a double it would read 9.999999747378752E-06.
            case double number when double.IsFinite(number) && singlePrecision && (float)number == number:
                writer.WriteNumberValue((float)number);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case Array items:
                writer.WriteStartArray();
                foreach (object item in items)
                    WriteValue(writer, item, singlePrecision);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static void WriteTables(ModelContents contents, ModelDescription? description, string? problem)
    {
        TextTable summary = new("model", "");
        summary.Add("file", contents.Path).Add("format", contents.Format).Add("architecture", contents.Metadata.Architecture)
            .Add("parameters", Readable.Count(contents.Parameters)).Add("weights", Readable.Bytes(contents.Bytes));
        if (description is not null)
            summary.Add("KV cache", $"{Readable.Bytes(description.StateBytes)} for the full context of {Readable.Count(description.ContextLength)} tokens");
        summary.Add("runs here", problem is null ? "yes" : $"no: {problem}").Write();
        Console.WriteLine();

        TextTable metadata = new("key", "value");
        foreach (string key in contents.Metadata.Keys)
            metadata.Add(key, Brief(contents.Metadata.Find(key)));
        metadata.Write();
        if (contents.Tensors.Count == 0)
            return;

        Console.WriteLine();
        TextTable tensors = new("tensor", "shape", "type", ">bytes");
        foreach (ListedTensor tensor in contents.Tensors)
            tensors.Add(tensor.Name, $"[{string.Join(", ", tensor.Shape)}]", tensor.Type, tensor.Bytes is { } bytes ? Readable.Count(bytes) : "?");
        tensors.Write();
    }

    /// <summary>A value in one short line.</summary>
    private static string Brief(object? value)
    {
        if (value is not Array items)
            return Cut(Scalar(value));
        string start = string.Join(", ", items.Cast<object>().Take(ShownItems).Select(Scalar));
        return Cut($"[{start}{(items.Length > ShownItems ? ", ..." : "")}]") + (items.Length > ShownItems ? $" ({Readable.Count(items.Length)} items)" : "");
    }

    private static string Scalar(object? value) => value switch
    {
        double number => number.ToString("G7", CultureInfo.InvariantCulture),
        string text => text.ReplaceLineEndings("\\n"),
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Cut(string text) => text.Length <= ShownCharacters ? text : text[..ShownCharacters].TrimEnd('\ud83d') + "...";
}
