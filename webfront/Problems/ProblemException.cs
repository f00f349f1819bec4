using Holdfast.Grains;

namespace Holdfast.WebFront.Problems;

/// <summary>Carries a refusal from wherever something wrong was found to the answer.</summary>
internal sealed class ProblemException(Refusal refusal) : Exception(refusal.Detail)
{
    public ProblemException(string code, string detail, string? field = null)
        : this(new Refusal(code, detail, field))
    {
    }

    public Refusal Refusal { get; } = refusal;
}
