package io.offerplane.e2e.conformance;

import java.util.List;
import java.util.Optional;

/**
 * The answer to one request.
 *
 * @param status the status code
 * @param headers in the order in which they came
 * @param text the body without its transfer coding; empty for a stream, whose body is read elsewhere
 */
record HttpAnswer(int status, List<Header> headers, String text) {

    /** One header line, its name as written. */
    record Header(String name, String value) {}

    Optional<String> header(String name) {
        return headers.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst();
    }
}
