package io.offerplane.operator.link;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.Map;

/** Channels to a link's server on the loopback, with the certificates of its Secrets. */
public final class LinkChannels {
    private LinkChannels() {}

    /** Shows the certificate that is in this Secret. */
    public static ManagedChannel as(String secretName, int port, InMemorySecrets secrets) throws Exception {
        Map<String, byte[]> secret = secrets.read(secretName).orElseThrow();
        return channel(
                port,
                GrpcSslContexts.forClient()
                        .trustManager(Pem.readCertificates(secret.get("ca.crt")))
                        .keyManager(Pem.readKey(secret.get("tls.key")), Pem.readCertificates(secret.get("tls.crt"))));
    }

    /** Shows no certificate. */
    static ManagedChannel asNobody(int port, InMemorySecrets secrets) throws Exception {
        Map<String, byte[]> secret = secrets.read(LinkCertificates.SHIM_SECRET).orElseThrow();
        return channel(port, GrpcSslContexts.forClient().trustManager(Pem.readCertificates(secret.get("ca.crt"))));
    }

    /** The stub, with this token on each call. */
    public static <S extends AbstractStub<S>> S withToken(S stub, String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static ManagedChannel channel(int port, SslContextBuilder tls) throws Exception {
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .overrideAuthority(LinkCertificates.SERVER_NAME)
                .sslContext(tls.build())
                .build();
    }
}
