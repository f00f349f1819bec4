using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Holdfast.Engine;

/// <summary>A connection that is encrypted, or not. All nodes of a cluster have one and the same certificate.</summary>
internal sealed class Tls : IAsyncDisposable
{
    private readonly SslStream? _stream;

    private Tls(IDuplexPipe pipe, SslStream? stream)
    {
        Pipe = pipe;
        _stream = stream;
    }

    public IDuplexPipe Pipe { get; }

    public static async Task<Tls> ConnectAsync(IDuplexPipe transport, X509Certificate2? certificate, CancellationToken cancellationToken)
    {
        if (certificate is null)
        {
            return new Tls(transport, null);
        }

        var stream = new SslStream(new DuplexStream(transport));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "holdfast",
                ClientCertificates = [certificate],
                RemoteCertificateValidationCallback = (_, theirs, _, _) => IsTheOne(theirs, certificate),
            },
            cancellationToken);
        return Over(stream);
    }

    public static async Task<Tls> AcceptAsync(IDuplexPipe transport, X509Certificate2? certificate, CancellationToken cancellationToken)
    {
        if (certificate is null)
        {
            return new Tls(transport, null);
        }

        var stream = new SslStream(new DuplexStream(transport));
        await stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, theirs, _, _) => IsTheOne(theirs, certificate),
            },
            cancellationToken);
        return Over(stream);
    }

    public ValueTask DisposeAsync() => _stream?.DisposeAsync() ?? default;

    private static bool IsTheOne(X509Certificate? theirs, X509Certificate2 ours) =>
        theirs is not null && theirs.GetRawCertData().AsSpan().SequenceEqual(ours.RawDataMemory.Span);

    private static Tls Over(SslStream stream) => new(new StreamPipe(PipeReader.Create(stream), PipeWriter.Create(stream)), stream);

    private sealed record StreamPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    // SslStream wants one stream for both directions.
    private sealed class DuplexStream(IDuplexPipe pipe) : Stream
    {
        private readonly Stream _input = pipe.Input.AsStream();
        private readonly Stream _output = pipe.Output.AsStream();

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => _output.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => _input.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => _output.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _output.WriteAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
