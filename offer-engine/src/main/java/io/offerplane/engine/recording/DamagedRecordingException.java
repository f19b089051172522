package io.offerplane.engine.recording;

/** Bytes that are no recording, or not one of this version, or have been cut or changed since. Says where. */
public final class DamagedRecordingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    DamagedRecordingException(String message) {
        super(message);
    }

    DamagedRecordingException(String message, Throwable cause) {
        super(message, cause);
    }
}
