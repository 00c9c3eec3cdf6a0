namespace Transformer.Core;

/// <summary>Typed reading of <see cref="IModelMetadata"/>.</summary>
public static class ModelMetadataExtensions
{
    extension(IModelMetadata metadata)
    {
        /// <summary>An integer that must be there.</summary>
        /// <exception cref="ModelFileException">It is missing or no 32-bit integer.</exception>
        public int Integer(string key) => metadata.OptionalInteger(key) ?? throw Missing(metadata, key, "an integer");

        /// <summary>An integer, or null if it is missing.</summary>
        /// <exception cref="ModelFileException">It is there, but no 32-bit integer.</exception>
        public int? OptionalInteger(string key) => metadata.Find(key) switch
        {
            null => null,
            long value when value is >= int.MinValue and <= int.MaxValue => (int)value,
            double value when value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue => (int)value,
            object other => throw Wrong(metadata, key, "an integer", other),
        };

        /// <summary>A number, or null if it is missing.</summary>
        /// <exception cref="ModelFileException">It is there, but no finite number.</exception>
        public double? OptionalNumber(string key) => metadata.Find(key) switch
        {
            null => null,
            long value => value,
            double value when double.IsFinite(value) => value,
            object other => throw Wrong(metadata, key, "a finite number", other),
        };

        /// <summary>A number that must be there.</summary>
        /// <exception cref="ModelFileException">It is missing or no finite number.</exception>
        public double Number(string key) => metadata.OptionalNumber(key) ?? throw Missing(metadata, key, "a number");

        /// <summary>A truth value, or null if it is missing.</summary>
        /// <exception cref="ModelFileException">It is there, but neither true nor false.</exception>
        public bool? OptionalBoolean(string key) => metadata.Find(key) switch
        {
            null => null,
            bool value => value,
            object other => throw Wrong(metadata, key, "true or false", other),
        };

        /// <summary>A text, or null if it is missing.</summary>
        /// <exception cref="ModelFileException">It is there, but no text.</exception>
        public string? OptionalText(string key) => metadata.Find(key) switch
        {
            null => null,
            string value => value,
            object other => throw Wrong(metadata, key, "a text", other),
        };
    }

    private static ModelFileException Missing(IModelMetadata metadata, string key, string expected) =>
        new(metadata.Origin, key, expected, "no such key");

    private static ModelFileException Wrong(IModelMetadata metadata, string key, string expected, object found) =>
        new(metadata.Origin, key, expected, found is Array ? $"a list ({found.GetType().GetElementType()!.Name}[])" : $"{found}");
}
