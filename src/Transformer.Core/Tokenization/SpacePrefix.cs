namespace Transformer.Core.Tokenization;

/// <summary>Where the escaped space is put before a text.</summary>
internal enum SpacePrefix
{
    /// <summary>Nowhere.</summary>
    Never,

    /// <summary>Before the text as a whole.</summary>
    First,

    /// <summary>Before the text and after every added token.</summary>
    Always,
}
