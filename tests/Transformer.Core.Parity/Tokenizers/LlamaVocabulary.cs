using System.Text;
using LLama.Native;
using Transformer.Core.Parity.LlamaCpp;

namespace Transformer.Core.Parity.Tokenizers;

/// <summary>The vocabulary of a GGUF file in llama.cpp.</summary>
internal sealed class LlamaVocabulary : IDisposable
{
    private readonly SafeLlamaModelHandle _model;

    public LlamaVocabulary(string path)
    {
        LLamaModelParams settings = LLamaModelParams.Default();
        settings.vocab_only = true;
        try
        {
            _model = SafeLlamaModelHandle.LoadFromFile(path, settings);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"llama.cpp does not load {path}: {exception.Message}{Environment.NewLine}{LlamaLibrary.Log}", exception);
        }
    }

    /// <summary>The token that begins a sequence, or null.</summary>
    public int? Bos => (int?)_model.Vocab.BOS;

    /// <summary>Whether it comes first.</summary>
    public bool AddsBos => _model.Vocab.ShouldAddBOS;

    /// <summary>Whether a token ends a text.</summary>
    public bool Ends(int id) => ((LLamaToken)id).IsEndOfGeneration(_model.Vocab);

    public int[] Encode(string text, bool parseSpecial = false) =>
        Array.ConvertAll(_model.Tokenize(text, addBos: false, parseSpecial, Encoding.UTF8), token => (int)token);

    public void Dispose() => _model.Dispose();
}
