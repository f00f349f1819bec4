using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>
/// Cuts a document into the pieces that become concepts. Its headings say where, as far down as pieces are worth a concept of their own;
/// text without headings is cut where its subject changes.
/// </summary>
internal sealed class ConceptCutter
{
    /// <summary>Most concepts of a plan.</summary>
    public const int Most = 200;

    private const int MostByItself = 100;
    private const double ConceptsPerRootOfMinutes = 3.2;
    private const long LightestIdeal = ReadingTime.Minute / 2;
    private const long HeaviestBareHeading = ReadingTime.Minute / 20;
    private const long HeaviestUncut = 4 * ReadingTime.Minute;

    private readonly AnalysedText _text;
    private readonly Cohesion _cohesion;
    private readonly int _limit;
    private readonly long _ideal;
    private readonly Work _work;

    private ConceptCutter(AnalysedText text, Section root, Cohesion cohesion, int? limit, Work work)
    {
        (_text, _cohesion, _work) = (text, cohesion, work);
        var natural = NaturalCount(root.TotalWeight);
        _limit = limit ?? Math.Min(MostByItself, 2 * natural);
        _ideal = Math.Max(LightestIdeal, root.TotalWeight / Math.Min(natural, _limit));
    }

    /// <summary>The pieces, in document order: at least one, and at most the limit.</summary>
    /// <param name="text">The document.</param>
    /// <param name="top">The document, or the only section at its top.</param>
    /// <param name="cohesion">Where the subject changes.</param>
    /// <param name="limit">Most pieces; null for what fits the length: its number grows with the square root of the reading time.</param>
    /// <param name="work">Counts and cancels.</param>
    public static List<Piece> Cut(AnalysedText text, Section top, Cohesion cohesion, int? limit, Work work)
    {
        var cutter = new ConceptCutter(text, top, cohesion, limit, work);
        var pieces = new List<Piece>();
        cutter.CutSection(top, true, pieces);
        pieces = PieceMerger.Merge(pieces, cutter._limit, work);
        return cutter.CutHeavy(pieces, top.Children.Count == 0);
    }

    /// <summary>How many concepts suit a text.</summary>
    public static int NaturalCount(long weight) =>
        Math.Clamp((int)Math.Round(ConceptsPerRootOfMinutes * Math.Sqrt(weight / (double)ReadingTime.Minute)), 1, MostByItself);

    private void CutSection(Section section, bool top, List<Piece> into)
    {
        _work.Add(1);
        if (section.Children.Count == 0 || (!top && section.TotalWeight <= WorthCutting(section)))
        {
            into.Add(Piece.Whole(section));
            return;
        }

        var from = into.Count;
        var introduction = Piece.Introduction(section);
        if (introduction.EndSentence > introduction.FirstSentence || introduction.Weight > _ideal / 2) into.Add(introduction);
        foreach (var child in section.Children) CutSection(child, false, into);
        JoinLight(into, from);
    }

    /// <summary>A paragraph that begins with bold words is less of a section than one with a heading.</summary>
    private long WorthCutting(Section section) => section.Children[0].Level == Block.RunIn ? _ideal * 3 / 2 : _ideal;

    /// <summary>Gives pieces that are too small for a concept to their neighbours: short introductions to what follows, short run-ins to what is before them.</summary>
    private void JoinLight(List<Piece> pieces, int from)
    {
        var kept = from;
        Piece? waiting = null;
        for (var i = from; i < pieces.Count; i++)
        {
            var piece = waiting is null ? pieces[i] : pieces[i].AbsorbBefore(waiting);
            waiting = null;
            var before = kept > from ? pieces[kept - 1] : null;
            if (!IsLight(piece) && !(before is not null && IsLight(before) && Fit(before, piece))) pieces[kept++] = piece;
            else if (before is not null && (Fit(before, piece) || i + 1 == pieces.Count)) pieces[kept - 1] = Join(before, piece);
            else if (before is null && i + 1 < pieces.Count) waiting = piece;
            else pieces[kept++] = piece;
        }

        pieces.RemoveRange(kept, pieces.Count - kept);
    }

    private bool Fit(Piece a, Piece b) => a.Weight + b.Weight <= _ideal * 5 / 4;

    /// <summary>Run-ins next to each other share a title; others have the title of the section that they are in.</summary>
    private static Piece Join(Piece a, Piece b) => a.First.Level == Block.RunIn && b.First.Level == Block.RunIn ? a.With(b) : a.Absorb(b);

    private bool IsLight(Piece piece) =>
        piece.IsIntroduction || piece.First.Level == Block.RunIn
            ? piece.Weight < _ideal * 2 / 5
            : piece.EndSentence == piece.FirstSentence && piece.Weight < HeaviestBareHeading && _text.Sentences.Length > 0;

    private List<Piece> CutHeavy(List<Piece> pieces, bool plain)
    {
        var heaviest = plain ? _ideal * 9 / 5 : Math.Max(_ideal * 5 / 2, HeaviestUncut);
        var room = _limit - pieces.Count;
        var cut = new List<Piece>();
        foreach (var piece in pieces)
        {
            var parts = piece.Weight < heaviest ? 1 : (int)Math.Min(room + 1, (piece.Weight + (_ideal / 2)) / _ideal);
            var before = cut.Count;
            Tile(piece, Math.Max(1, parts), cut);
            room -= cut.Count - before - 1;
            for (var i = before; i < cut.Count; i++) cut[i] = cut[i] with { Part = plain || cut.Count - before > 1 ? i - before + 1 : 0 };
        }

        return cut;
    }

    /// <summary>Halves a piece where its subject changes most in its middle, until there are enough parts: so no part is much longer than the others.</summary>
    private void Tile(Piece piece, int parts, List<Piece> into)
    {
        var gap = parts > 1 ? BestGap(piece) : 0;
        if (gap == 0)
        {
            into.Add(piece);
            return;
        }

        var weight = WeightOf(piece.FirstSentence, gap);
        var left = piece with { EndSentence = gap, Weight = weight };
        var right = piece with { FirstSentence = gap, Weight = Math.Max(1, piece.Weight - weight) };
        var leftParts = Math.Clamp((int)(((2 * parts * weight) + piece.Weight) / Math.Max(1, 2 * piece.Weight)), 1, parts - 1);
        Tile(left, leftParts, into);
        Tile(right, parts - leftParts, into);
    }

    private int BestGap(Piece piece)
    {
        var (best, bestScore, sum) = (0, double.MinValue, 0L);
        for (var i = piece.FirstSentence; i + 1 < piece.EndSentence; i++)
        {
            _work.Add(1);
            sum += _text.Sentences[i].Weight;
            if (sum * 4 < piece.Weight || sum * 4 > piece.Weight * 3) continue;
            if (IsInTable(i + 1)) continue;
            var score = _cohesion.DepthBefore(i + 1) + Beginning(i + 1);
            if (score > bestScore) (best, bestScore) = (i + 1, score);
        }

        return best;
    }

    /// <summary>A concept begins with a paragraph where it can, not within one, and not within a list.</summary>
    private int Beginning(int sentence)
    {
        var block = _text.Sentences[sentence].Block;
        if (block == _text.Sentences[sentence - 1].Block) return 0;
        return _text.Blocks[block].Kind switch { BlockKind.Paragraph => 4, BlockKind.ListItem => 2, _ => 0 };
    }

    private bool IsInTable(int sentence) =>
        _text.Sentences[sentence].Block == _text.Sentences[sentence - 1].Block && _text.Blocks[_text.Sentences[sentence].Block].Kind == BlockKind.Table;

    private long WeightOf(int first, int end)
    {
        long weight = 0;
        for (var i = first; i < end; i++) weight += _text.Sentences[i].Weight;
        return weight;
    }
}
