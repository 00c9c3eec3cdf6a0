using Transformer.Core.Weights;

namespace Transformer.Core;

/// <summary>A place in the stack: how its layer is made, and where its weights lie.</summary>
/// <param name="Recipe">How it is made.</param>
/// <param name="Source">The layer's number in the checkpoint; for an inserted one the place where it was put.</param>
/// <param name="Path">Where its weights lie.</param>
/// <param name="Weights">A source of its own, or null.</param>
internal sealed record LayerPlace(LayerRecipe Recipe, int Source, string Path, IWeightSource? Weights = null)
{
    public static string PathOf(int layer) => $"model.layers.{layer}";
}

/// <summary>
/// What a builder was told about its layers, in that order. Carried out when the number of layers is known: places are
/// those of the stack as the calls before have left it.
/// </summary>
internal sealed class LayerPlaces
{
    private readonly List<Edit> _edits = [];

    public LayerPlaces()
    {
    }

    private LayerPlaces(IEnumerable<Edit> edits) => _edits.AddRange(edits);

    private delegate void Edit(List<LayerPlace> places, Action<string> problem);

    public LayerPlaces Copy() => new(_edits);

    /// <summary>Changes every layer there is.</summary>
    public void ChangeAll(Func<LayerRecipe, LayerRecipe> change) => _edits.Add((places, _) =>
    {
        for (int i = 0; i < places.Count; i++)
            places[i] = places[i] with { Recipe = change(places[i].Recipe) };
    });

    public void Change(int layer, Action<LayerBuilder> change) => _edits.Add((places, problem) =>
    {
        if (Exists("WithLayer", layer, places, problem))
            places[layer] = Changed(places[layer], change);
    });

    public void Order(int[] order) => _edits.Add((places, problem) =>
    {
        if (order.Length == 0)
            problem("WithLayerOrder: expected at least one layer, found none.");
        if (order.Length == 0 || !order.All(layer => Exists("WithLayerOrder", layer, places, problem)))
            return;
        LayerPlace[] before = [.. places];
        places.Clear();
        places.AddRange(order.Select(layer => before[layer]));
    });

    public void Remove(int layer) => _edits.Add((places, problem) =>
    {
        if (!Exists("WithoutLayer", layer, places, problem))
            return;
        if (places.Count == 1)
            problem("WithoutLayer: expected a model that keeps a layer, found none left.");
        else
            places.RemoveAt(layer);
    });

    public void Insert(int layer, LayerRecipe recipe, Action<LayerBuilder> change) => _edits.Add((places, problem) =>
    {
        if (layer < 0 || layer > places.Count)
        {
            problem($"WithInsertedLayer: expected a place from 0 to {places.Count}, found {layer}.");
            return;
        }
        int count = places.Count(place => place.Path.StartsWith("model.inserted.", StringComparison.Ordinal));
        places.Insert(layer, Changed(new LayerPlace(recipe, layer, $"model.inserted.{count}"), change));
    });

    /// <summary>The places of a stack that begins with so many layers.</summary>
    public IReadOnlyList<LayerPlace> Resolve(int layers, LayerRecipe beginning, Action<string> problem)
    {
        List<LayerPlace> places = [.. Enumerable.Range(0, Math.Max(layers, 0)).Select(layer => new LayerPlace(beginning, layer, LayerPlace.PathOf(layer)))];
        foreach (Edit edit in _edits)
            edit(places, problem);
        return places;
    }

    private static LayerPlace Changed(LayerPlace place, Action<LayerBuilder> change)
    {
        LayerBuilder builder = new(place);
        change(builder);
        return builder.Place;
    }

    private static bool Exists(string method, int layer, List<LayerPlace> places, Action<string> problem)
    {
        if (layer >= 0 && layer < places.Count)
            return true;
        problem($"{method}: expected a layer from 0 to {places.Count - 1}, found {layer}.");
        return false;
    }
}
