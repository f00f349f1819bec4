using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>Words that could name a part of a text.</summary>
/// <param name="Span">Where they stand first.</param>
/// <param name="Count">How often they stand in the part.</param>
/// <param name="Size">How many words, or half as many characters.</param>
/// <param name="Terms">Their terms.</param>
internal readonly record struct Phrase(TextSpan Span, int Count, int Size, int[] Terms);
