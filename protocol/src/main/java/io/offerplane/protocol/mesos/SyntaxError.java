package io.offerplane.protocol.mesos;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Says where a body stops being JSON, as Mesos' own reader says it: the line, and what remains of it there. Walks the bytes as
 * that reader does, so that the words are the same; used only once a body is known to be bad.
 */
final class SyntaxError {
    private static final int END = -1;

    private final byte[] body;
    private final int maxDepth;
    private int position;
    private int line = 1;

    private SyntaxError(byte[] body, int maxDepth) {
        this.body = body;
        this.maxDepth = maxDepth;
    }

    /** The fault, or empty when this walk finds none, such as for text that isn't UTF-8. */
    static Optional<String> of(byte[] body, int maxDepth) {
        SyntaxError walk = new SyntaxError(body, maxDepth);
        if (!walk.value(0)) {
            return Optional.of("syntax error at line " + walk.line + " near: " + walk.restOfLine());
        }
        String rest = new String(body, walk.position, body.length - walk.position, StandardCharsets.UTF_8);
        return rest.isBlank()
                ? Optional.empty()
                : Optional.of("Parsed JSON included non-whitespace trailing characters: " + rest);
    }

    private boolean value(int depth) {
        skipSpace();
        int first = peek();
        return switch (first) {
            case 'n' -> word("null");
            case 'f' -> word("false");
            case 't' -> word("true");
            case '"' -> {
                next();
                yield string();
            }
            case '[' -> {
                next();
                yield depth < maxDepth && list(depth + 1);
            }
            case '{' -> {
                next();
                yield depth < maxDepth && object(depth + 1);
            }
            default -> (first == '-' || (first >= '0' && first <= '9')) && number();
        };
    }

    private boolean list(int depth) {
        if (take(']')) {
            return true;
        }
        do {
            if (!value(depth)) {
                return false;
            }
        } while (take(','));
        return take(']');
    }

    private boolean object(int depth) {
        if (take('}')) {
            return true;
        }
        do {
            if (!take('"') || !string() || !take(':') || !value(depth)) {
                return false;
            }
        } while (take(','));
        return take('}');
    }

    private boolean string() {
        while (true) {
            int c = peek();
            if (c == END || c < ' ') {
                return false;
            }
            next();
            if (c == '"') {
                return true;
            }
            if (c == '\\') {
                int escaped = peek();
                if (escaped == END) {
                    return false;
                }
                next();
                if ("\"\\/bfnrtu".indexOf(escaped) < 0 || (escaped == 'u' && !fourHexDigits())) {
                    return false;
                }
            }
        }
    }

    private boolean fourHexDigits() {
        for (int i = 0; i < 4; i++) {
            if (Character.digit(peek(), 16) < 0) {
                return false;
            }
            next();
        }
        return true;
    }

    private boolean number() {
        int start = position;
        while (peek() != END && "0123456789+-eE.".indexOf(peek()) >= 0) {
            next();
        }
        return new String(body, start, position - start, StandardCharsets.US_ASCII)
                .matches("-?([0-9]+\\.?[0-9]*)([eE][+-]?[0-9]+)?");
    }

    private boolean word(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (peek() != word.charAt(i)) {
                return false;
            }
            next();
        }
        return true;
    }

    private boolean take(char wanted) {
        skipSpace();
        if (peek() != wanted) {
            return false;
        }
        next();
        return true;
    }

    private void skipSpace() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
            next();
        }
    }

    private int peek() {
        return position < body.length ? body[position] & 0xff : END;
    }

    private void next() {
        if (body[position] == '\n') {
            line++;
        }
        position++;
    }

    private String restOfLine() {
        StringBuilder rest = new StringBuilder();
        int end = position;
        while (end < body.length && body[end] != '\n') {
            end++;
        }
        new String(body, position, end - position, StandardCharsets.UTF_8)
                .codePoints()
                .filter(c -> c >= ' ')
                // Mesos sends back all of it; a client that sends megabytes in one line knows them.
                .limit(1000)
                .forEach(rest::appendCodePoint);
        return rest.toString();
    }
}
