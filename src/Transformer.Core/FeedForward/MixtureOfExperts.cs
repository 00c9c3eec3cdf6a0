using System.Numerics.Tensors;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Weights;

namespace Transformer.Core.FeedForward;

/// <summary>
/// A mixture of gated feed-forwards: each row is computed by the few experts that a router chooses for it, and their
/// outputs are added up with the router's weights (Shazeer et al. 2017, arXiv:1701.06538). An expert that every row
/// passes may stand beside them (DeepSeekMoE, arXiv:2401.06066).
/// </summary>
/// <remarks>
/// Few rows are computed one by one, all their experts in the same parallel regions; of more rows, those of an expert
/// are gathered and computed together. The weights of experts that are not chosen are not read.
/// </remarks>
public sealed class MixtureOfExperts : IFeedForward
{
    /// <summary>With fewer rows, hardly an expert has two of them.</summary>
    private const int FewestGrouped = 4;

    private readonly IExpertRouter _router;
    private readonly StackedLinear _gateUp;
    private readonly StackedLinear _down;
    private readonly GatedActivation _activation;
    private readonly GatedMlp? _shared;
    private readonly Linear? _sharedGate;

    /// <summary>
    /// Reads <c>experts.gate_proj</c> and <c>experts.up_proj</c> [experts, width, hidden] and <c>experts.down_proj</c>
    /// [experts, hidden, width], and what the router reads.
    /// </summary>
    /// <param name="context">Where and how wide.</param>
    /// <param name="router">Chooses the experts.</param>
    /// <param name="intermediateSize">Hidden features of an expert.</param>
    /// <param name="activation">The non-linearity of the gates; null: SwiGLU.</param>
    /// <param name="bias">Whether the experts' maps have biases.</param>
    /// <param name="sharedSize">Hidden features of an expert that every row passes, <c>shared_experts</c>; null or 0: there is none.</param>
    /// <param name="sharedGate">Whether the shared expert's output is multiplied with the sigmoid of <c>shared_expert_gate</c> [1, hidden] (Qwen 1.5 and 2).</param>
    public MixtureOfExperts(
        ComponentContext context,
        IExpertRouter router,
        int intermediateSize,
        GatedActivation? activation = null,
        bool bias = false,
        int? sharedSize = null,
        bool sharedGate = false)
    {
        if (intermediateSize < 1)
            throw new ArgumentException($"IntermediateSize: expected at least 1, found {intermediateSize}.");
        _router = router;
        _activation = activation ?? GatedActivation.SwiGlu;
        WeightScope experts = context.Weights.Child("experts");
        _gateUp = experts.Stack(router.Experts, context.HiddenSize, bias, ("gate_proj", intermediateSize), ("up_proj", intermediateSize));
        _down = experts.Stack(router.Experts, intermediateSize, bias, ("down_proj", context.HiddenSize));
        _shared = sharedSize is > 0 ? new GatedMlp(context.Below("shared_experts"), _activation, intermediateSize: sharedSize) : null;
        _sharedGate = _shared is not null && sharedGate ? context.Weights.Linear(context.HiddenSize, ("shared_expert_gate", 1)) : null;
    }

    /// <inheritdoc/>
    public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        int perRow = _router.ExpertsPerToken;
        Span<int> experts = context.Workspace.Integers(x.Rows * perRow);
        MatrixSpan weights = context.Workspace.Matrix(x.Rows, perRow);
        _router.Route(x, experts, weights, context);
        Observe(experts, weights, context);

        Shared(x, y, context);
        if (x.Rows < FewestGrouped)
        {
            for (int row = 0; row < x.Rows; row++)
                One(x.RowRange(row, 1), experts.Slice(row * perRow, perRow), weights[row], y[row], context.Compute);
        }
        else
        {
            Grouped(x, experts, weights, y, context.Compute);
        }
        context.Observe(ActivationPoints.FeedForwardOut, y);
    }

    /// <summary>y = the shared expert's output, or zero.</summary>
    private void Shared(MatrixSpan x, MatrixSpan y, in ForwardContext context)
    {
        if (_shared is null)
        {
            for (int row = 0; row < y.Rows; row++)
                y[row].Clear();
            return;
        }
        _shared.Forward(x, y, context.Unobserved());
        if (_sharedGate is null)
            return;
        using WorkspaceScope scope = context.Workspace.Scope();
        MatrixSpan gate = context.Workspace.Matrix(x.Rows, 1);
        _sharedGate.Forward(x, gate, context.Compute);
        for (int row = 0; row < y.Rows; row++)
            TensorPrimitives.Multiply(y[row], 1 / (1 + MathF.Exp(-gate[row][0])), y[row]);
    }

    /// <summary>All experts of one row at once.</summary>
    private void One(MatrixSpan x, ReadOnlySpan<int> experts, ReadOnlySpan<float> weights, Span<float> y, in ComputeContext compute)
    {
        using WorkspaceScope scope = compute.Workspace.Scope();
        MatrixSpan hidden = compute.Workspace.Matrix(experts.Length, _down.Inputs);
        _gateUp.ForwardEachGated(x, experts, hidden, _activation.Gate, compute);
        _down.AddWeighted(hidden, experts, weights, y, compute);
    }

    /// <summary>Expert after expert, each with its rows.</summary>
    private void Grouped(MatrixSpan x, ReadOnlySpan<int> experts, MatrixSpan weights, MatrixSpan y, in ComputeContext compute)
    {
        using WorkspaceScope scope = compute.Workspace.Scope();
        Span<int> rows = compute.Workspace.Integers(x.Rows);
        Span<float> factors = compute.Workspace.Floats(x.Rows);
        for (int expert = 0; expert < _router.Experts; expert++)
        {
            int count = 0;
            for (int i = 0; i < experts.Length; i++)
            {
                if (experts[i] != expert)
                    continue;
                rows[count] = i / weights.Columns;
                factors[count++] = weights[i / weights.Columns][i % weights.Columns];
            }
            if (count > 0)
                Together(_gateUp[expert], _down[expert], x, rows[..count], factors[..count], y, compute);
        }
    }

    private void Together(Linear gateUp, Linear down, MatrixSpan x, ReadOnlySpan<int> rows, ReadOnlySpan<float> factors, MatrixSpan y, in ComputeContext compute)
    {
        using WorkspaceScope scope = compute.Workspace.Scope();
        MatrixSpan gathered = compute.Workspace.Matrix(rows.Length, x.Columns);
        for (int i = 0; i < rows.Length; i++)
            x[rows[i]].CopyTo(gathered[i]);
        MatrixSpan hidden = compute.Workspace.Matrix(rows.Length, down.Inputs);
        gateUp.ForwardGated(gathered, hidden, _activation.Gate, compute);
        down.Forward(hidden, gathered, compute);
        for (int i = 0; i < rows.Length; i++)
            ScaledAdd.Compute(factors[i], gathered[i], y[rows[i]]);
    }

    /// <summary>Shows choices and weights; what an observer writes is used.</summary>
    private void Observe(Span<int> experts, MatrixSpan weights, in ForwardContext context)
    {
        context.Observe(ActivationPoints.ExpertWeights, weights);
        if (!context.IsObserved(ActivationPoints.Experts))
            return;
        using WorkspaceScope scope = context.Workspace.Scope();
        MatrixSpan numbers = context.Workspace.Matrix(weights.Rows, weights.Columns);
        for (int i = 0; i < experts.Length; i++)
            numbers.Data[i] = experts[i];
        context.Observe(ActivationPoints.Experts, numbers);
        for (int i = 0; i < experts.Length; i++)
        {
            float number = numbers.Data[i];
            if (!(number >= 0 && number < _router.Experts && number == MathF.Floor(number)))
                throw new ArgumentException($"{ActivationPoints.Experts}: expected the number of an expert, 0 to {_router.Experts - 1}, found {number}.");
            experts[i] = (int)number;
        }
    }
}
