package io.offerplane.protocol.recordio;

/** The bytes are no RecordIO stream, or a record is longer than the reader allows. The stream can't be read on. */
public final class MalformedRecordException extends Exception {
    MalformedRecordException(String message) {
        super(message);
    }
}
