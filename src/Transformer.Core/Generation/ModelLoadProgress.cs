namespace Transformer.Core;

/// <summary>What a loader is doing.</summary>
public enum ModelLoadStage
{
    /// <summary>Reads the checkpoint's files once (<see cref="ModelLoader.ReadAheadAsync"/>).</summary>
    ReadingAhead,

    /// <summary>Maps the files, reads the header or the configuration, and makes the tokenizer.</summary>
    Opening,

    /// <summary>Gives tensors to components, layer by layer.</summary>
    Building,

    /// <summary>The model is ready.</summary>
    Loaded,
}

/// <summary>How far a loader has come.</summary>
/// <param name="Stage">What it is doing.</param>
/// <param name="Tensors">Tensors that components have been given; in <see cref="ModelLoadStage.ReadingAhead"/> 0.</param>
/// <param name="TotalTensors">Tensors in all; 0 until the model is described.</param>
/// <param name="Bytes">Bytes of those tensors as stored, or bytes read ahead. A mapped file is not read by giving its tensors away.</param>
/// <param name="TotalBytes">Bytes in all; 0 until they are known.</param>
public readonly record struct ModelLoadProgress(ModelLoadStage Stage, int Tensors, int TotalTensors, long Bytes, long TotalBytes)
{
    /// <summary>The share of the stage that is done, 0 to 1.</summary>
    public double Share => Stage is ModelLoadStage.Loaded ? 1 : TotalBytes == 0 ? 0 : Math.Min(1, Bytes / (double)TotalBytes);
}
