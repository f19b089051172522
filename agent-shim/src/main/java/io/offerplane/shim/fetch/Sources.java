package io.offerplane.shim.fetch;

import java.io.IOException;

/** Which source serves which scheme. */
final class Sources implements Source {

    private final Source http;
    private final Source local;
    private final Source s3;
    private final Source hdfs;

    Sources(FetchSettings settings) {
        HttpSource source = new HttpSource(settings.stall());
        this.http = source;
        this.local = new LocalSource(settings.localFolders());
        this.s3 = new S3Source(settings.s3(), source);
        this.hdfs = new WebHdfsSource(settings.hdfs(), source);
    }

    @Override
    public Content open(FetchItem item) throws IOException {
        return switch (item.scheme()) {
            case "http", "https" -> http.open(item);
            case "file", "" -> local.open(item);
            case "s3", "s3a", "s3n" -> s3.open(item);
            case "hdfs", "webhdfs", "swebhdfs" -> hdfs.open(item);
            default ->
                throw new IOException(
                        "scheme '" + item.scheme() + "' is not supported; use http, https, file, s3 or hdfs");
        };
    }
}
