package io.offerplane.shim.fetch;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The store that s3, s3a and s3n URIs lead to.
 *
 * @param endpoint scheme, host and port; buckets are the first part of the path below it
 * @param region as signatures name it
 * @param credentialsFile in the form of AWS' shared credentials file; absent: requests are not signed, and only public objects are had
 */
record S3Settings(URI endpoint, String region, Optional<Path> credentialsFile) {}
