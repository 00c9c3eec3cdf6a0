// Second half of making primer: train.py left a Hugging Face style folder, this makes one GGUF file of it.
//   dotnet run --project samples/TrainPrimer -- [in-folder] [out-file]

using System.Runtime.CompilerServices;
using TrainPrimer;
using Transformer.Core;

try
{
    string folder = args.ElementAtOrDefault(0) ?? Path.Combine(SampleFolder(), "out");
    string file = args.ElementAtOrDefault(1) ?? Path.GetFullPath(Path.Combine(SampleFolder(), "..", "primer", "primer.gguf"));
    if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } target)
        Directory.CreateDirectory(target);

    Converter.Convert(folder, file);
    Console.WriteLine($"{file}: {new FileInfo(file).Length:N0} bytes");

    int prompts = Comparison.RequireEqualLogits(folder, file);
    Console.WriteLine($"Both files give the same logits, bit for bit, on {prompts} prompts.");
    return 0;
}
catch (Exception exception) when (exception is TransformerException or IOException or ArgumentException or InvalidDataException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

static string SampleFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
