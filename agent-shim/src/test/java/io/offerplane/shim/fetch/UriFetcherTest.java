package io.offerplane.shim.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.offerplane.protocol.settings.Variables;
import io.offerplane.shim.container.ContainerUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a task finds in its sandbox, or is told, for what its command's URIs say. */
@Timeout(60)
class UriFetcherTest {

    private static final ContainerUser USER = new ContainerUser(1234, 2345, List.of(), "/");

    @TempDir
    private Path folder;

    private Path sandbox;
    private FileServer server;
    private UriFetcher fetcher;

    @BeforeEach
    void start() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving files away needs root");
        sandbox = Files.createDirectory(folder.resolve("sandbox"));
        server = new FileServer();
        fetcher = UriFetcher.open(settings(Map.of()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private FetchSettings settings(Map<String, String> environment) {
        return FetchSettings.of(new Variables(environment, "OFFERPLANE_FETCH_"), folder.resolve("work"));
    }

    private static CommandInfo.URI.Builder uri(String value) {
        return CommandInfo.URI.newBuilder().setValue(value);
    }

    private void fetch(CommandInfo.URI.Builder... uris) throws FetchException, InterruptedException {
        fetcher.fetch(Arrays.stream(uris).map(CommandInfo.URI.Builder::build).toList(), sandbox, USER);
    }

    private String[] names() {
        return sandbox.toFile().list();
    }

    private void assertNothingIsLeftBehind() {
        assertThat(folder.resolve("work/fetch/downloads")).isEmptyDirectory();
    }

    private static String modeOf(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void filesComeUnderTheirNamesAsTheUsersOwn() throws Exception {
        server.file("/a/tool", "#!/bin/sh\n").file("/a/data", "data").file("/a/empty", "");
        server.redirect("/moved", "/a/data");
        fetch(
                uri(server.url("/a/tool")).setExecutable(true),
                uri(server.url("/a/data?version=2")),
                uri(server.url("/moved")).setOutputFile("some/where/else"),
                uri(server.url("/a/empty")));
        assertThat(names()).containsExactlyInAnyOrder("tool", "data?version=2", "some", "empty");
        assertThat(sandbox.resolve("some/where/else")).hasContent("data");
        assertThat(modeOf(sandbox.resolve("tool"))).isEqualTo("rwxr-xr-x");
        assertThat(modeOf(sandbox.resolve("data?version=2"))).isEqualTo("rw-r--r--");
        for (String name : List.of("tool", "data?version=2", "some", "some/where", "some/where/else")) {
            assertThat(Files.getAttribute(sandbox.resolve(name), "unix:uid")).isEqualTo(1234);
            assertThat(Files.getAttribute(sandbox.resolve(name), "unix:gid")).isEqualTo(2345);
        }
        assertNothingIsLeftBehind();
    }

    @Test
    void archivesAreUnpackedUnlessToldOtherwiseAndStay() throws Exception {
        byte[] tar = Packed.tar(t -> Packed.file(t, "inside", "content", 0644));
        server.file("/a.tgz", Packed.gz(tar)).file("/b.tar.zst", Packed.zst(tar));
        fetch(
                uri(server.url("/a.tgz")).setExtract(false),
                uri(server.url("/b.tar.zst")).setExecutable(true));
        assertThat(names()).containsExactlyInAnyOrder("a.tgz", "b.tar.zst");
        fetch(uri(server.url("/a.tgz")), uri(server.url("/b.tar.zst")));
        assertThat(names()).containsExactlyInAnyOrder("a.tgz", "b.tar.zst", "inside");
        assertThat(sandbox.resolve("inside")).hasContent("content");
    }

    @Test
    void anArchiveThatHoldsAFileOfItsOwnNameIsReplacedByIt() throws Exception {
        byte[] inner = "inner".getBytes(StandardCharsets.UTF_8);
        server.file("/a.tar", Packed.tar(t -> Packed.file(t, "a.tar", "inner", 0600)));
        fetch(uri(server.url("/a.tar")));
        assertThat(sandbox.resolve("a.tar")).hasBinaryContent(inner);
        fetch(uri(server.url("/a.tar")).setCache(true));
        assertThat(sandbox.resolve("a.tar")).hasBinaryContent(inner);
    }

    @Test
    void theOutcomeIsThatOfOneAfterTheOther() throws Exception {
        server.file("/a.tar", Packed.tar(t -> Packed.file(t, "f", "of the archive", 0644)));
        server.file("/f", "of the file");
        fetch(uri(server.url("/a.tar")), uri(server.url("/f")));
        assertThat(sandbox.resolve("f")).hasContent("of the file");
        fetch(uri(server.url("/f")), uri(server.url("/a.tar")));
        assertThat(sandbox.resolve("f")).hasContent("of the archive");
    }

    @Test
    void noArchiveLeadsAnotherOneOutside() throws Exception {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        server.file("/link.tar", Packed.tar(t -> Packed.link(t, "d", outside.toString(), TarConstants.LF_SYMLINK)));
        server.file("/file.tar", Packed.tar(t -> Packed.file(t, "d/f", "escaped", 0644)));
        server.file("/f", "escaped");
        assertThatThrownBy(() -> fetch(uri(server.url("/link.tar")), uri(server.url("/file.tar"))))
                .hasMessageContaining("'" + server.url("/file.tar") + "': 'd/f' passes through 'd'");
        assertThatThrownBy(() -> fetch(
                        uri(server.url("/link.tar")), uri(server.url("/f")).setOutputFile("d/f")))
                .hasMessageContaining("'d/f' passes through 'd'");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void aFailureNamesItsUriAndLeavesNothingBehind() throws Exception {
        server.file("/good", "good").file("/bad.zip", "no zip at all");
        assertThatThrownBy(() -> fetch(uri(server.url("/good")), uri(server.url("/absent"))))
                .isInstanceOf(FetchException.class)
                .hasMessage("Failed to fetch '" + server.url("/absent") + "': the server answered 404, expected 200");
        assertThat(names()).isEmpty();
        assertThatThrownBy(() -> fetch(uri(server.url("/bad.zip"))))
                .hasMessageStartingWith("Failed to fetch '" + server.url("/bad.zip") + "': it is no zip archive");
        for (String refused : List.of("ftp://host/file", "http://", "relative/path", "hdfs://nn", "gopher://a/b")) {
            assertThatThrownBy(() -> fetch(uri(refused)))
                    .as(refused)
                    .isInstanceOf(FetchException.class)
                    .hasMessageContaining("'" + refused + "'");
        }
        assertNothingIsLeftBehind();
    }

    @Test
    void passwordsGoToTheirServerOnlyAndIntoNoMessage() throws Exception {
        try (FileServer other = new FileServer()) {
            other.file("/file", "content");
            server.redirect("/away", other.url("/file"));
            server.redirect("/near", "/file");
            server.file("/file", "content");
            String withPassword = "http://user:s3cret%2B@" + server.address();
            fetch(uri(withPassword + "/near"));
            assertThat(server.authorizations()).containsExactly("Basic dXNlcjpzM2NyZXQr", "Basic dXNlcjpzM2NyZXQr");
            fetch(uri(withPassword + "/away"));
            assertThat(other.requests()).hasSize(1);
            assertThat(other.authorizations()).isEmpty();
            for (String failing : List.of(
                    withPassword + "/absent?sig=s3cret",
                    withPassword + "/not valid",
                    "http://user:s3cret@127.0.0.1:99999999/a",
                    "http://user:s3cret@[nonsense/a")) {
                assertThatThrownBy(() -> fetch(uri(failing)))
                        .as(failing)
                        .isInstanceOf(FetchException.class)
                        .hasMessageContaining("http://***@")
                        .hasMessageNotContaining("s3cret")
                        .satisfies(e -> assertThat(String.valueOf(e.getCause())).doesNotContain("s3cret"));
            }
        }
    }

    @Test
    void aRedirectLeadsToNoFileOfTheNode() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "of the node");
        fetcher = UriFetcher.open(settings(Map.of("OFFERPLANE_FETCH_FOLDERS", folder.toString())));
        for (String target : List.of("file://" + secret, "file:" + secret, "ftp://host/file", "jar:file:/a!/b")) {
            server.redirect("/file", target);
            assertThatThrownBy(() -> fetch(uri(server.url("/file"))))
                    .as(target)
                    .isInstanceOf(FetchException.class)
                    .hasMessageContaining("neither http nor https");
        }
        server.redirect("/round", "/round");
        assertThatThrownBy(() -> fetch(uri(server.url("/round")))).hasMessageContaining("more than 10 redirects");
        assertThat(names()).isEmpty();
    }

    @Test
    void theNodesFilesAreClosedUnlessAFolderIsAllowed() throws Exception {
        Path open = Files.createDirectory(folder.resolve("open"));
        Files.writeString(open.resolve("data"), "data");
        Files.writeString(folder.resolve("closed"), "closed");
        Files.createSymbolicLink(open.resolve("link"), folder.resolve("closed"));
        assertThatThrownBy(() -> fetch(uri("file://" + open.resolve("data"))))
                .hasMessageContaining("fetch.folders of the AgentPool allows none");
        fetcher = UriFetcher.open(settings(Map.of("OFFERPLANE_FETCH_FOLDERS", open.toString())));
        fetch(
                uri("file://" + open.resolve("data")),
                uri(open.resolve("data").toString()).setOutputFile("sub/copy"));
        assertThat(sandbox.resolve("data")).hasContent("data");
        assertThat(sandbox.resolve("sub/copy")).hasContent("data");
        assertThat(open.resolve("data")).hasContent("data");
        for (String closed : List.of(
                folder.resolve("closed").toString(),
                folder.resolve("absent").toString(),
                open + "/../closed",
                open.resolve("link").toString())) {
            assertThatThrownBy(() -> fetch(uri("file://" + closed)))
                    .as(closed)
                    .hasMessageContaining("are not open to tasks here");
        }
        assertThatThrownBy(() -> fetch(uri("file://" + open.resolve("absent"))))
                .hasMessageContaining("there is no such file");
    }

    @Test
    void anExistingFileIsReplacedAndALinkIsNotFollowed() throws Exception {
        Path outside = Files.writeString(folder.resolve("outside"), "untouched");
        Files.createSymbolicLink(sandbox.resolve("f"), outside);
        server.file("/f", "new");
        fetch(uri(server.url("/f")));
        assertThat(Files.isRegularFile(sandbox.resolve("f"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertThat(outside).hasContent("untouched");
    }

    @Test
    void aDownloadThatEndsTooEarlyOrStallsFails() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        server.on("/short", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(new byte[40]);
            exchange.getResponseBody().flush();
        });
        server.on("/stalled", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(new byte[40]);
            exchange.getResponseBody().flush();
            await(over);
        });
        FetchSettings usual = settings(Map.of());
        fetcher = UriFetcher.open(new FetchSettings(
                usual.folder(), List.of(), 0, 1 << 20, 2, Duration.ofMillis(200), usual.s3(), usual.hdfs()));
        assertThatThrownBy(() -> fetch(uri(server.url("/short"))))
                .hasMessageContaining("it ended after 40 of 100 bytes");
        assertThatThrownBy(() -> fetch(uri(server.url("/stalled"))))
                .hasMessageContaining("no byte came for 200 ms, after 40 of them");
        over.countDown();
        assertThat(names()).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aChecksumHolds() throws Exception {
        byte[] content = Packed.tar(t -> Packed.file(t, "inside", "content", 0644));
        server.file("/a.tar", content);
        String sha256 = HexFormat.of()
                .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(content));
        fetch(uri(server.url("/a.tar#sha256=" + sha256)));
        assertThat(names()).containsExactlyInAnyOrder("a.tar", "inside");
        assertThat(server.requests()).containsExactly("/a.tar");
        for (boolean cache : new boolean[] {false, true}) {
            assertThatThrownBy(() -> fetch(
                            uri(server.url("/a.tar#sha512=" + "0".repeat(128))).setCache(cache)))
                    .hasMessageContaining("its SHA-512 is not the one in the URI");
        }
    }

    @Test
    void filesComeBesideEachOtherButOnlySoMany() throws Exception {
        fetcher = UriFetcher.open(settings(Map.of("OFFERPLANE_FETCH_PARALLEL", "2")));
        CyclicBarrier two = new CyclicBarrier(2);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        for (int i = 0; i < 6; i++) {
            server.on("/" + i, exchange -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                try {
                    two.await();
                } catch (Exception e) {
                    throw new IOException(e);
                }
                now.decrementAndGet();
                FileServer.send(exchange, 200, new byte[1]);
            });
        }
        fetch(
                uri(server.url("/0")),
                uri(server.url("/1")),
                uri(server.url("/2")),
                uri(server.url("/3")),
                uri(server.url("/4")),
                uri(server.url("/5")));
        assertThat(names()).hasSize(6);
        assertThat(most).hasValue(2);
    }

    @Test
    void oneFailureEndsTheOthers() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        server.on("/endless", exchange -> {
            began.countDown();
            await(over);
        });
        server.on("/failing", exchange -> {
            await(began);
            exchange.sendResponseHeaders(500, -1);
        });
        assertThatThrownBy(() -> fetch(uri(server.url("/endless")), uri(server.url("/failing"))))
                .hasMessageContaining("'" + server.url("/failing") + "': the server answered 500");
        over.countDown();
        assertNothingIsLeftBehind();
    }

    @Test
    void anInterruptEndsDownloadsAtOnce() throws Exception {
        for (boolean cache : new boolean[] {false, true}) {
            CountDownLatch began = new CountDownLatch(1);
            CountDownLatch over = new CountDownLatch(1);
            server.on("/endless", exchange -> {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write(new byte[40]);
                exchange.getResponseBody().flush();
                began.countDown();
                await(over);
            });
            FutureTask<Void> task = new FutureTask<>(() -> {
                fetch(uri(server.url("/endless")).setCache(cache));
                return null;
            });
            Thread thread = Thread.ofPlatform().daemon().start(task);
            began.await();
            thread.interrupt();
            assertThatThrownBy(task::get).hasCauseInstanceOf(InterruptedException.class);
            over.countDown();
            assertThat(names()).isEmpty();
            assertNothingIsLeftBehind();
            assertThat(folder.resolve("work/fetch/cache")).isEmptyDirectory();
        }
    }

    @Test
    void aCachedFileIsDownloadedOnceAndCopiedToEachTask() throws Exception {
        server.file("/tool", "shared");
        fetch(uri(server.url("/tool")).setCache(true).setExecutable(true));
        Files.writeString(sandbox.resolve("tool"), "changed by the task");
        Path first = sandbox;
        sandbox = Files.createDirectory(folder.resolve("second"));
        fetch(uri(server.url("/tool")).setCache(true).setOutputFile("renamed"));
        assertThat(sandbox.resolve("renamed")).hasContent("shared");
        assertThat(modeOf(first.resolve("tool"))).isEqualTo("rwxr-xr-x");
        assertThat(Files.getAttribute(first.resolve("tool"), "unix:nlink")).isEqualTo(1);
        assertThat(server.requests()).containsExactly("/tool");
        fetcher.fetch(
                List.of(uri(server.url("/tool")).setCache(true).build()),
                sandbox,
                new ContainerUser(7, 7, List.of(), "/"));
        assertThat(server.requests()).hasSize(2);
        assertThat(modeOf(folder.resolve("work/fetch"))).isEqualTo("rwx------");
    }

    @Test
    void anArchiveFromTheCacheIsUnpackedWithoutBeingCopiedWhereMesosWould() throws Exception {
        byte[] tar = Packed.tar(t -> Packed.file(t, "inside", "content", 0644));
        server.file("/a.tgz", Packed.gz(tar)).file("/b.tar.zst", Packed.zst(tar));
        fetch(uri(server.url("/a.tgz")).setCache(true));
        assertThat(names()).containsExactly("inside");
        // Mesos leaves it packed, so a command may unpack it.
        fetch(uri(server.url("/b.tar.zst")).setCache(true));
        assertThat(names()).containsExactlyInAnyOrder("inside", "b.tar.zst");
        fetch(uri(server.url("/a.tgz")).setCache(true).setExtract(false));
        assertThat(sandbox.resolve("a.tgz")).hasBinaryContent(Packed.gz(tar));
    }

    @Test
    void aRestartForgetsTheCacheAndWhatWasHalfDone() throws Exception {
        server.file("/f", "content");
        fetch(uri(server.url("/f")).setCache(true));
        Files.createDirectories(folder.resolve("work/fetch/downloads/17"));
        fetcher = UriFetcher.open(settings(Map.of()));
        assertThat(folder.resolve("work/fetch/cache")).isEmptyDirectory();
        assertNothingIsLeftBehind();
        fetch(uri(server.url("/f")).setCache(true));
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void withoutRoomForACacheFilesComeDirectly() throws Exception {
        fetcher = UriFetcher.open(settings(Map.of("OFFERPLANE_FETCH_CACHE_BYTES", "0")));
        byte[] tar = Packed.tar(t -> Packed.file(t, "inside", "content", 0644));
        server.file("/a.tar", tar);
        fetch(uri(server.url("/a.tar")).setCache(true));
        fetch(uri(server.url("/a.tar")).setCache(true));
        assertThat(names()).containsExactlyInAnyOrder("inside", "a.tar");
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void whatIsDownloadedAndUnpackedCountsTogether() throws Exception {
        fetcher = UriFetcher.open(settings(Map.of("OFFERPLANE_FETCH_MAX_BYTES", "100000")));
        server.file("/large", new byte[100_001]);
        server.file("/packed.tgz", Packed.gz(Packed.tar(t -> Packed.file(t, "f", "0".repeat(200_000), 0644))));
        for (String path : List.of("/large", "/packed.tgz")) {
            assertThatThrownBy(() -> fetch(uri(server.url(path))))
                    .hasMessageStartingWith("Failed to fetch '" + server.url(path))
                    .hasMessageContaining("more than 100000 bytes")
                    .hasMessageContaining("fetch.maxSize of the AgentPool");
        }
    }

    private record Progress(String uri, long bytes, OptionalLong total) {}

    @Test
    void progressIsTold() throws Exception {
        server.file("/f", new byte[2_500_000]);
        server.on("/chunked", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(new byte[10]);
        });
        List<Progress> told = new CopyOnWriteArrayList<>();
        FetchProgress progress = (uri, bytes, total) -> told.add(new Progress(uri, bytes, total));
        String shown = server.url("/f?sig=***");
        CommandInfo.URI file = uri(server.url("/f?sig=s3cret")).setCache(true).build();
        fetcher.fetch(List.of(file), sandbox, USER, progress);
        OptionalLong total = OptionalLong.of(2_500_000);
        assertThat(told).startsWith(new Progress(shown, 0, total)).endsWith(new Progress(shown, 2_500_000, total));
        assertThat(told).hasSize(4).isSortedAccordingTo(java.util.Comparator.comparingLong(Progress::bytes));
        told.clear();
        fetcher.fetch(List.of(file), sandbox, USER, progress);
        assertThat(told).containsExactly(new Progress(shown, 2_500_000, total));
        told.clear();
        fetcher.fetch(List.of(uri(server.url("/chunked")).build()), sandbox, USER, progress);
        assertThat(told)
                .containsExactly(
                        new Progress(server.url("/chunked"), 0, OptionalLong.empty()),
                        new Progress(server.url("/chunked"), 10, OptionalLong.empty()));
    }
}
