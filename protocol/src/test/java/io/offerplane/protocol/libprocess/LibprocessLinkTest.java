package io.offerplane.protocol.libprocess;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A link, against a peer that the test plays. */
class LibprocessLinkTest {

    private static final int PATIENCE_SECONDS = 60;

    private ServerSocket peer;
    private Upid self;
    private Upid there;
    private final Semaphore exits = new Semaphore(0);

    @BeforeEach
    void listen() throws Exception {
        peer = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        peer.setSoTimeout(PATIENCE_SECONDS * 1000);
        self = Upid.parse("slave(1)@127.0.0.1:5051");
        there = Upid.parse("executor(1)@127.0.0.1:" + peer.getLocalPort());
    }

    @AfterEach
    void close() throws IOException {
        peer.close();
    }

    private LibprocessLink link() {
        return LibprocessLink.to(there.socketAddress(), exits::release);
    }

    private Socket accept() throws IOException {
        Socket socket = peer.accept();
        socket.setSoTimeout(PATIENCE_SECONDS * 1000);
        return socket;
    }

    private static LibprocessMessage message(String body) {
        return new LibprocessMessage("mesos.internal.X", ByteString.copyFromUtf8(body));
    }

    private String encoded(String body) {
        return new String(message(body).encode(self, there), StandardCharsets.US_ASCII);
    }

    private static String read(Socket from, int bytes) throws IOException {
        return new String(from.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
    }

    private void awaitExit() throws InterruptedException {
        assertThat(exits.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("told that the link is broken")
                .isTrue();
    }

    @Test
    void messagesArriveInOrderOnOneConnectionWhateverIsReplied() throws Exception {
        try (LibprocessLink link = link();
                Socket socket = accept()) {
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                expected.append(encoded("m" + i));
                assertThat(link.send(self, there, message("m" + i))).isTrue();
            }
            socket.getOutputStream()
                    .write("HTTP/1.1 202 Accepted\r\n\r\n".repeat(200).getBytes(StandardCharsets.US_ASCII));
            assertThat(read(socket, expected.length())).isEqualTo(expected.toString());
            assertThat(exits.availablePermits()).isZero();
        }
    }

    @Test
    void aBrokenConnectionIsToldAndOpenedAgainForTheNextMessage() throws Exception {
        try (LibprocessLink link = link()) {
            accept().close();
            awaitExit();
            assertThat(link.send(self, there, message("later"))).isTrue();
            try (Socket again = accept()) {
                assertThat(read(again, encoded("later").length())).isEqualTo(encoded("later"));
            }
        }
    }

    @Test
    void aPeerThatIsNotThereIsTold() throws Exception {
        peer.close();
        try (LibprocessLink link = link()) {
            awaitExit();
            assertThat(link.send(self, there, message("lost"))).isTrue();
            awaitExit();
        }
    }

    @Test
    void whatWasHandedOverBeforeTheEndIsSent() throws Exception {
        LibprocessLink link = link();
        link.send(self, there, message("last"));
        link.close();
        assertThat(link.send(self, there, message("after"))).isFalse();
        try (Socket socket = accept()) {
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo(encoded("last"));
        }
        assertThat(exits.availablePermits()).isZero();
    }

    @Test
    void aPeerThatDoesNotReadCostsABoundedAmount() throws Exception {
        try (LibprocessLink link = link();
                Socket socket = accept()) {
            LibprocessMessage large = new LibprocessMessage("mesos.internal.X", ByteString.copyFrom(new byte[8 << 20]));
            int taken = 0;
            while (taken < 1000 && link.send(self, there, large)) {
                taken++;
            }
            assertThat(taken).isBetween(7, 20);
            assertThat(socket.getRemoteSocketAddress()).isInstanceOf(InetSocketAddress.class);
        }
    }
}
