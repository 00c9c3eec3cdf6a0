using Transformer.Core.Tests.Weights;

namespace Transformer.Core.Tests.Support;

/// <summary>Puts a reference model into a folder that a test may change.</summary>
internal static class TemporaryCopy
{
    public static void Of(string model, TemporaryFolder folder)
    {
        foreach (string file in Directory.GetFiles(Reference.Folder(model)))
            File.Copy(file, folder.File(Path.GetFileName(file)));
    }
}
