using FsCheck;
using FsCheck.Fluent;

using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Logs;

public sealed class RecordRunTests
{
    // Lengths around the three layouts of a frame's length.
    private static readonly Gen<byte[]> Record =
        from length in Gen.OneOf(Gen.Choose(0, 10), Gen.Elements(125, 126, 127), Gen.Frequency((30, Gen.Choose(0, 300)), (1, Gen.Elements(65_535, 65_536))))
        from fill in Gen.Choose(0, 255)
        select Enumerable.Repeat((byte)fill, length).ToArray();

    private static readonly Arbitrary<(int First, byte[][] Records)> Any =
        (from first in Gen.Choose(1, 1000) from records in Record.ArrayOf() select (first, records)).ToArbitrary();

    [Fact]
    public void Enumeration_GivesEachRecordWithItsNumber() => Check(Any, input =>
    {
        var run = Runs.Of(input.First, input.Records);
        var seen = new List<(long, byte[])>();
        foreach (var (seq, bytes) in run)
        {
            seen.Add((seq, bytes.ToArray()));
        }

        Assert.Equal(input.Records.Select((record, i) => ((long)input.First + i, record)), seen);
        Assert.Equal(input.First + input.Records.Length - 1, run.Last);
    });

    [Fact]
    public void AfterAndUpTo_CutWhereverAsked_AndJoinTogetherAgain() => Check(Any, input =>
    {
        var run = Runs.Of(input.First, input.Records);
        for (var seq = run.First - 2; seq <= run.Last + 2; seq++)
        {
            var (before, after) = (run.UpTo(seq), run.After(seq));
            Assert.Equal(input.Records.Length, before.Count + after.Count);
            Assert.Equal(Math.Clamp(seq, run.First - 1, run.Last), before.Last);
            Assert.Equal(before.Last + 1, after.First);
            Assert.Equal(run.Bytes.ToArray(), RecordRun.Join([before, after]).Bytes.ToArray());
        }
    });

    [Fact]
    public void Within_KeepsAsManyRecordsAsFit_AndAtLeastOne() => Check(Any, input =>
    {
        var run = Runs.Of(input.First, input.Records);
        foreach (var limit in new LogLimit[] { new(1, 1), new(3, 1000), new(int.MaxValue, 200), new(2, int.MaxValue), new(int.MaxValue, int.MaxValue) })
        {
            var kept = run.Within(limit);
            Assert.Equal(run.UpTo(kept.Last).Bytes.ToArray(), kept.Bytes.ToArray());
            Assert.Equal(run.First, kept.First);
            Assert.True(kept.Count <= limit.Records && (kept.Bytes.Length <= limit.Bytes || kept.Count == 1));
            Assert.True(kept.Count > 0 || run.IsEmpty);
            var oneMore = run.UpTo(kept.Last + 1);
            Assert.True(oneMore.Count == kept.Count || oneMore.Count > limit.Records || oneMore.Bytes.Length > limit.Bytes);
        }
    });

    [Fact]
    public void Join_OfRunsWithAGapBetween_Throws()
    {
        Assert.Throws<ArgumentException>(() => RecordRun.Join([Runs.Of(1, "a", "b"), Runs.Of(4, "d")]));
        Assert.Throws<ArgumentException>(() => RecordRun.Join([Runs.Of(1, "a", "b"), Runs.Of(2, "b")]));
    }

    [Fact]
    public void Join_PassesOverRunsWithoutRecords()
    {
        var joined = RecordRun.Join([RecordRun.Empty, Runs.Of(5, "e"), new RecordRun(99, 0, default), Runs.Of(6, "f", "g"), RecordRun.Empty]);

        Assert.Equal((5, 7), (joined.First, joined.Last));
        Assert.Equal(["e", "f", "g"], joined.Texts());
        Assert.True(RecordRun.Join([]).IsEmpty);
        Assert.True(RecordRun.Join([RecordRun.Empty, RecordRun.Empty]).IsEmpty);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(125, 2)]
    [InlineData(126, 4)]
    [InlineData(65_535, 4)]
    [InlineData(65_536, 10)]
    public void Header_IsThatOfAnUnmaskedTextFrame(int length, int size)
    {
        Span<byte> header = stackalloc byte[RecordFrame.MaxHeader];
        Assert.Equal(size, RecordFrame.WriteHeader(header, length));
        Assert.Equal(size, RecordFrame.HeaderSize(length));
        Assert.Equal(0x81, header[0]);
        var frame = new byte[size + length];
        header[..size].CopyTo(frame);
        Assert.Equal((size, length), RecordFrame.Read(frame));
    }

    [Theory]
    [InlineData("")]
    [InlineData("81")]
    [InlineData("8102FF")]
    [InlineData("8200")]
    [InlineData("81FF00000000")]
    [InlineData("817E00")]
    [InlineData("817E0001")]
    [InlineData("817F00000000000000")]
    [InlineData("817FFFFFFFFFFFFFFFFF00")]
    public void Read_OfBytesThatAreNoRecord_Throws(string hex) => Assert.Throws<InvalidDataException>(() => RecordFrame.Read(Convert.FromHexString(hex)));

    private static void Check<T>(Arbitrary<T> arbitrary, Action<T> property) =>
        Prop.ForAll(arbitrary, property).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
}
