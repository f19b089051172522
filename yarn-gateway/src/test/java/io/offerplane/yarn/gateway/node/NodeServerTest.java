package io.offerplane.yarn.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.netty.handler.ssl.SslContextBuilder;
import io.offerplane.protocol.link.v1.Hello;
import io.offerplane.yarn.gateway.MountedSecrets;
import io.offerplane.yarn.gateway.link.LinkFiles;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Over real TLS with the operator's certificates; Kubernetes' reviews of tokens are the test's. */
@Timeout(60)
class NodeServerTest {
    private static final MethodDescriptor<Hello, Hello> WHO_AM_I = MethodDescriptor.<Hello, Hello>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("test.Service/WhoAmI")
            .setRequestMarshaller(ProtoUtils.marshaller(Hello.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(Hello.getDefaultInstance()))
            .build();

    @TempDir
    private Path folder;

    private MountedSecrets secrets;
    private NodeServer server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        secrets = MountedSecrets.in(folder);
        server = NodeServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                LinkFiles.in(secrets.ofHead(), folder.resolve("token")),
                token -> switch (token) {
                    case "of node-a" -> new NodeIdentity("node-a");
                    case "unasked" -> throw new NodeTokens.Refused("Kubernetes can't be asked", true);
                    default -> throw new NodeTokens.Refused("the token isn't valid", false);
                },
                List.of(whoAmI()));
    }

    @AfterEach
    void stop() {
        if (channel != null) {
            channel.shutdownNow();
        }
        server.close();
    }

    private static BindableService whoAmI() {
        return () -> ServerServiceDefinition.builder("test.Service")
                .addMethod(WHO_AM_I, ServerCalls.asyncUnaryCall((asked, answer) -> {
                    answer.onNext(Hello.newBuilder()
                            .setIncarnation(NodeIdentity.KEY.get().node())
                            .build());
                    answer.onCompleted();
                }))
                .build();
    }

    private String ask(@Nullable Path certificate, @Nullable String token) throws Exception {
        SslContextBuilder tls = GrpcSslContexts.forClient()
                .trustManager(secrets.ofShim().resolve("ca.crt").toFile());
        if (certificate != null) {
            tls.keyManager(
                    certificate.resolve("tls.crt").toFile(),
                    certificate.resolve("tls.key").toFile());
        }
        Metadata headers = new Metadata();
        if (token != null) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        }
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .overrideAuthority("offerplane-yarn-head")
                .sslContext(tls.build())
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                .build();
        return ClientCalls.blockingUnaryCall(channel, WHO_AM_I, CallOptions.DEFAULT, Hello.getDefaultInstance())
                .getIncarnation();
    }

    private Status refusal(@Nullable Path certificate, @Nullable String token) {
        return catchThrowableOfType(StatusRuntimeException.class, () -> ask(certificate, token))
                .getStatus();
    }

    @Test
    void callerIsTheNodeThatItsTokenNames() throws Exception {
        assertThat(ask(secrets.ofShim(), "of node-a")).isEqualTo("node-a");
    }

    @Test
    void callerWithoutAGoodTokenIsUnauthenticated() {
        assertThat(refusal(secrets.ofShim(), null).getDescription()).startsWith("no token");
        channel.shutdownNow();
        assertThat(refusal(secrets.ofShim(), "forged").getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    @Test
    void callerWhoseTokenCannotBeReviewedNowMayTryAgain() {
        assertThat(refusal(secrets.ofShim(), "unasked").getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void certificateOfAnotherKindIsNotANodes() {
        assertThat(refusal(secrets.ofHead(), "of node-a"))
                .extracting(Status::getCode, Status::getDescription)
                .containsExactly(
                        Status.Code.UNAUTHENTICATED,
                        "the certificate is of CN=offerplane-yarn-head (expected: CN=offerplane-shim)");
    }

    @Test
    void callerWithoutCertificateGetsNoConnection() {
        assertThat(refusal(null, "of node-a").getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
}
