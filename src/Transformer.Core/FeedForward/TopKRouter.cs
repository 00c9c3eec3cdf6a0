using System.Numerics.Tensors;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Weights;

namespace Transformer.Core.FeedForward;

/// <summary>
/// Chooses the experts with the highest scores of a linear map. May be limited to the best groups of experts, so that a
/// token's experts lie on few machines (DeepSeek-V2, arXiv:2405.04434; DeepSeek-V3, arXiv:2412.19437).
/// </summary>
/// <remarks>The experts of a row are given in ascending order, so that sums over them do not depend on how rows were grouped.</remarks>
public sealed class TopKRouter : IExpertRouter
{
    /// <summary>Keeps scores that are all zero from becoming NaN, as DeepSeek's own code does.</summary>
    private const float Smallest = 1e-20f;

    private readonly Linear _gate;
    private readonly ExpertScoring _scoring;
    private readonly bool _normalize;
    private readonly float _scale;
    private readonly float[]? _correction;
    private readonly int _groups;
    private readonly int _groupsPerToken;

    /// <summary>Reads <c>gate</c> [experts, hidden].</summary>
    /// <param name="context">Where and how wide.</param>
    /// <param name="experts">Experts to choose from.</param>
    /// <param name="expertsPerToken">Experts to choose.</param>
    /// <param name="scoring">How logits become scores.</param>
    /// <param name="normalize">Whether a row's weights are divided by their sum.</param>
    /// <param name="scale">What weights are multiplied with in the end (routed_scaling_factor).</param>
    /// <param name="bias">Whether the map has a bias, <c>gate.bias</c> [experts].</param>
    /// <param name="correction">Whether <c>gate.e_score_correction_bias</c> [experts] is added to the scores that choose, not to those that become weights.</param>
    /// <param name="groups">Groups of neighbouring experts; divides their number.</param>
    /// <param name="groupsPerToken">
    /// Groups that a row's experts may come from. A group counts as much as its best expert or, with
    /// <paramref name="correction"/>, as its two best together.
    /// </param>
    public TopKRouter(
        ComponentContext context,
        int experts,
        int expertsPerToken,
        ExpertScoring scoring = ExpertScoring.Softmax,
        bool normalize = false,
        double scale = 1,
        bool bias = false,
        bool correction = false,
        int groups = 1,
        int groupsPerToken = 1)
    {
        if (experts < 1)
            throw new ArgumentException($"Experts: expected at least 1, found {experts}.");
        if (groups < 1 || experts % groups != 0)
            throw new ArgumentException($"Groups: expected a divisor of {experts} experts, found {groups}.");
        if (groupsPerToken < 1 || groupsPerToken > groups)
            throw new ArgumentException($"GroupsPerToken: expected 1 to {groups}, found {groupsPerToken}.");
        if (expertsPerToken < 1 || expertsPerToken > experts / groups * groupsPerToken)
            throw new ArgumentException($"ExpertsPerToken: expected 1 to {experts / groups * groupsPerToken}, found {expertsPerToken}.");
        if (!double.IsFinite(scale) || scale <= 0)
            throw new ArgumentException($"Scale: expected a number above 0, found {scale}.");
        _gate = context.Weights.Linear(context.HiddenSize, bias, ("gate", experts));
        _correction = correction ? context.Weights.Vector("gate.e_score_correction_bias", experts) : null;
        _scoring = scoring;
        _normalize = normalize;
        _scale = (float)scale;
        _groups = groups;
        _groupsPerToken = groupsPerToken;
        ExpertsPerToken = expertsPerToken;
    }

    /// <inheritdoc/>
    public int Experts => _gate.Outputs;

    /// <inheritdoc/>
    public int ExpertsPerToken { get; }

    /// <inheritdoc/>
    public void Route(MatrixSpan x, Span<int> experts, MatrixSpan weights, in ForwardContext context)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        MatrixSpan logits = context.Workspace.Matrix(x.Rows, Experts);
        _gate.Forward(x, logits, context.Compute);
        context.Observe(ActivationPoints.RouterLogits, logits);
        Span<float> choice = context.Workspace.Floats(Experts);
        Span<float> groups = context.Workspace.Floats(_groups);
        Span<int> kept = context.Workspace.Integers(_groupsPerToken);
        for (int row = 0; row < x.Rows; row++)
        {
            Span<int> chosen = experts.Slice(row * ExpertsPerToken, ExpertsPerToken);
            Score(logits[row]);
            logits[row].CopyTo(choice);
            if (_correction is not null)
                Add.Compute(_correction, choice);
            if (_groupsPerToken < _groups)
                KeepBestGroups(choice, groups, kept);
            Choose(choice, chosen);
            Weigh(logits[row], chosen, weights[row]);
        }
    }

    private void Score(Span<float> logits)
    {
        if (_scoring is ExpertScoring.Softmax)
            Softmax.Compute(logits);
        else if (_scoring is ExpertScoring.Sigmoid)
            TensorPrimitives.Sigmoid(logits, logits);
    }

    private void Weigh(ReadOnlySpan<float> scores, ReadOnlySpan<int> chosen, Span<float> weights)
    {
        for (int i = 0; i < chosen.Length; i++)
            weights[i] = scores[chosen[i]];
        if (_scoring is ExpertScoring.SoftmaxOfChosen)
            Softmax.Compute(weights);
        float factor = _normalize ? _scale / (TensorPrimitives.Sum<float>(weights) + Smallest) : _scale;
        TensorPrimitives.Multiply(weights, factor, weights);
    }

    /// <summary>Bars the experts of all groups but the best.</summary>
    private void KeepBestGroups(Span<float> choice, Span<float> scores, Span<int> kept)
    {
        int size = choice.Length / _groups;
        for (int group = 0; group < _groups; group++)
            scores[group] = Best(choice.Slice(group * size, size));
        Choose(scores, kept);
        for (int group = 0; group < _groups; group++)
        {
            if (!kept.Contains(group))
                choice.Slice(group * size, size).Fill(float.NegativeInfinity);
        }
    }

    private float Best(ReadOnlySpan<float> group)
    {
        float first = float.NegativeInfinity;
        float second = float.NegativeInfinity;
        foreach (float score in group)
        {
            second = MathF.Max(second, MathF.Min(first, score));
            first = MathF.Max(first, score);
        }
        return _correction is null || group.Length == 1 ? first : first + second;
    }

    /// <summary>The numbers of the highest scores, ascending. Of equal scores the first is taken; a score that is no number comes last.</summary>
    private static void Choose(ReadOnlySpan<float> scores, Span<int> chosen)
    {
        for (int i = 0; i < chosen.Length; i++)
        {
            int best = -1;
            for (int candidate = 0; candidate < scores.Length; candidate++)
            {
                if (!chosen[..i].Contains(candidate) && (best < 0 || scores[candidate] > scores[best] || (float.IsNaN(scores[best]) && !float.IsNaN(scores[candidate]))))
                    best = candidate;
            }
            chosen[i] = best;
        }
        chosen.Sort();
    }
}
