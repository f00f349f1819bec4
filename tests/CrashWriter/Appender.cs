using System.Globalization;
using System.Text;

using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.CrashWriter;

/// <summary>Appends to many logs at once and says what was acknowledged: "log epoch last".</summary>
internal sealed class Appender(ILogStore store, int seed)
{
    public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, Script.Logs).Select(log => Task.Run(() => RunAsync(Script.Id(log), new Random(seed + log)))));

    private async Task RunAsync(string id, Random random)
    {
        while (true)
        {
            var head = Encoding.UTF8.GetBytes(Script.Head(0, 0, false));
            await store.CreateAsync(new NewLog(id, head, Script.Tags(id, 0), new LogBlob("blob", Script.Blob(id, 0))));
            var opened = (await store.OpenAsync(id))!;
            var tagged = long.Parse(Encoding.UTF8.GetString(opened.Head.Span).Split(' ')[1], CultureInfo.InvariantCulture);
            var isSealed = opened.Sealed;
            for (var last = opened.LastSeq; !isSealed;)
            {
                var records = Enumerable.Range(1, random.Next(1, 4)).Select(n => Script.Record(id, opened.Epoch, last + n)).ToArray();
                var next = last + records.Length;
                var change = random.Next(8) == 0;
                (tagged, isSealed) = (change ? next : tagged, next >= Script.Full);
                var result = await store.AppendAsync(new LogAppend
                {
                    Id = id,
                    Fence = opened.Fence,
                    ExpectedLastSeq = last,
                    Records = Runs.Of(last + 1, records),
                    Head = Encoding.UTF8.GetBytes(Script.Head(next, tagged, isSealed)),
                    Tags = change ? Script.Tags(id, tagged) : null,
                    Blob = change ? new LogBlob("blob", Script.Blob(id, tagged)) : null,
                    Seal = isSealed,
                });
                last = result == new AppendResult(AppendOutcome.Ok, next) ? next : throw new InvalidOperationException($"{id} at {last}: {result}");
                Say.Line(string.Create(CultureInfo.InvariantCulture, $"{id} {opened.Epoch} {last}"));
            }

            Say.Line($"{id} {opened.Epoch} deleting");
            await store.DeleteAsync(id);
            Say.Line($"{id} {opened.Epoch} deleted");
        }
    }
}
