using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>Who is at the other end of a connection.</summary>
/// <param name="Name">Its name: an address for a silo.</param>
/// <param name="Silo">Its address, when it is a silo.</param>
internal sealed record Introduction(string Name, SiloAddress? Silo);

/// <summary>
/// How two nodes meet: they name version, cluster and interfaces, and each proves that it knows the shared secret
/// (HMAC-SHA256 over both sides' nonces, as in RFC 7616's spirit: the secret itself never travels).
/// Whoever does not fit is told why.
/// </summary>
internal sealed class Handshake(Node node, string cluster, EngineOptions options)
{
    private const uint Magic = 0x31454648;
    private const int Version = 1;
    private const int MaxFrame = 1 << 20;
    private const int NonceSize = 16;

    /// <summary>The side that connected.</summary>
    public async Task ConnectAsync(IDuplexPipe pipe, SiloAddress target, CancellationToken cancellationToken)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceSize);
        using (var hello = Writer.Rent())
        {
            hello.Fixed32(Magic);
            hello.Varint(Version);
            hello.Text(cluster);
            hello.Text(node.ClientId);
            hello.Varint(node.Address is null ? 0u : 1u);
            hello.Text(target.ToParsableString());
            hello.Raw(nonce);
            WriteTables(hello);
            Put(pipe.Output, hello.Span);
        }

        await pipe.Output.FlushAsync(cancellationToken);
        var proof = TakeChallenge(await ReadAsync(pipe.Input, cancellationToken), nonce);
        Put(pipe.Output, proof);
        await pipe.Output.FlushAsync(cancellationToken);
        TakeVerdict(await ReadAsync(pipe.Input, cancellationToken));
    }

    /// <summary>The side that was connected to.</summary>
    public async Task<Introduction> AcceptAsync(IDuplexPipe pipe, CancellationToken cancellationToken)
    {
        try
        {
            var (who, theirs) = TakeHello(await ReadAsync(pipe.Input, cancellationToken));
            var nonce = RandomNumberGenerator.GetBytes(NonceSize);
            using (var challenge = Writer.Rent())
            {
                challenge.Varint(1);
                challenge.Raw(nonce);
                challenge.Raw(Proof("server", theirs, nonce));
                WriteTables(challenge);
                Put(pipe.Output, challenge.Span);
            }

            await pipe.Output.FlushAsync(cancellationToken);
            if (!CryptographicOperations.FixedTimeEquals(await ReadAsync(pipe.Input, cancellationToken), Proof("client", nonce, theirs)))
            {
                throw new OrleansConfigurationException("The shared secrets differ: see Engine:SharedSecret.");
            }

            Put(pipe.Output, [1]);
            await pipe.Output.FlushAsync(cancellationToken);
            return who;
        }
        catch (OrleansConfigurationException e)
        {
            using var refusal = Writer.Rent();
            refusal.Varint(0);
            refusal.Text(e.Message);
            Put(pipe.Output, refusal.Span);
            await pipe.Output.FlushAsync(cancellationToken);
            throw;
        }
    }

    /// <summary>Writes a length and as many bytes.</summary>
    public static void Put(IBufferWriter<byte> output, ReadOnlySpan<byte> frame)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), frame.Length);
        output.Advance(4);
        output.Write(frame);
    }

    /// <summary>Takes a frame off a buffer, if it has one.</summary>
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, int max, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        if (buffer.Length < 4)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[4];
        buffer.Slice(0, 4).CopyTo(head);
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length < 0 || length > max)
        {
            throw new InvalidDataException($"A frame of {length} bytes came; {max} are allowed.");
        }

        if (buffer.Length < 4L + length)
        {
            return false;
        }

        frame = buffer.Slice(4, length);
        buffer = buffer.Slice(4L + length);
        return true;
    }

    private static async Task<byte[]> ReadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (TryTake(ref buffer, MaxFrame, out var frame))
            {
                var bytes = frame.ToArray();
                input.AdvanceTo(buffer.Start);
                return bytes;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                throw new IOException("The other end closed the connection while it was being introduced.");
            }
        }
    }

    private (Introduction Who, byte[] Nonce) TakeHello(byte[] frame)
    {
        var reader = new Reader(frame, node);
        if (reader.Fixed32() != Magic || reader.Varint() is not Version)
        {
            throw new OrleansConfigurationException($"Only version {Version} of this engine's protocol is spoken here.");
        }

        var theirs = reader.Text();
        if (theirs != cluster)
        {
            throw new OrleansConfigurationException($"This is the cluster '{cluster}', not '{theirs}': see ClusterOptions.");
        }

        var name = reader.Text();
        var silo = reader.Varint() == 0 ? null : SiloAddress.FromParsableString(name);
        var target = reader.Text();
        if (target != node.ClientId)
        {
            throw new OrleansConfigurationException($"This is {node.ClientId}, not {target}.");
        }

        var nonce = reader.Raw(NonceSize).ToArray();
        ReadTables(ref reader);
        return (new Introduction(name, silo), nonce);
    }

    private byte[] TakeChallenge(byte[] frame, byte[] mine)
    {
        var reader = Accepted(frame);
        var theirs = reader.Raw(NonceSize).ToArray();
        if (!CryptographicOperations.FixedTimeEquals(reader.Raw(HMACSHA256.HashSizeInBytes), Proof("server", mine, theirs)))
        {
            throw new OrleansConfigurationException("The shared secrets differ: see Engine:SharedSecret.");
        }

        ReadTables(ref reader);
        return Proof("client", theirs, mine);
    }

    private void TakeVerdict(byte[] frame) => Accepted(frame);

    private Reader Accepted(byte[] frame)
    {
        var reader = new Reader(frame, node);
        return reader.Varint() == 1 ? reader : throw new OrleansConfigurationException("The other side refused: " + reader.Text());
    }

    private byte[] Proof(string role, byte[] first, byte[] second) => HMACSHA256.HashData(options.SharedSecret, (byte[])[.. Encoding.UTF8.GetBytes(role), .. first, .. second]);

    private void WriteTables(Writer writer)
    {
        var types = node.Manifest.Implemented.ToDictionary(i => i.Table.Id, i => i.Type);
        writer.Varint((uint)node.Manifest.Tables.Count);
        foreach (var table in node.Manifest.Tables)
        {
            writer.Fixed32(table.Id);
            writer.Fixed32(table.Shape);
            writer.Text(types.TryGetValue(table.Id, out var type) ? type.ToString() : "");
        }
    }

    // Interfaces that only one side knows do no harm: nobody can call through them.
    private void ReadTables(ref Reader reader)
    {
        for (var left = reader.Count(); left > 0; left--)
        {
            var (id, shape, type) = (reader.Fixed32(), reader.Fixed32(), reader.Text());
            if (node.Manifest.TableOf(id) is { } mine && mine.Shape != shape)
            {
                throw new OrleansConfigurationException($"The two sides have different versions of {mine.Name}: its methods differ.");
            }

            if (type.Length > 0)
            {
                node.Manifest.Learn(id, GrainType.Create(type));
            }
        }
    }
}
