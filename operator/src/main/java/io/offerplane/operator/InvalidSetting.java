package io.offerplane.operator;

/** The configuration can't be used; the message names the key, its value and what would be right. */
public final class InvalidSetting extends RuntimeException {
    InvalidSetting(String message) {
        super(message);
    }

    InvalidSetting(String message, Throwable cause) {
        super(message, cause);
    }
}
