package io.offerplane.yarn.node.localize;

import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.yarn.api.records.LocalResource;
import org.apache.hadoop.yarn.api.records.LocalResourceType;
import org.apache.hadoop.yarn.api.records.LocalResourceVisibility;

/**
 * What makes two containers' files the same one.
 *
 * @param uri where it comes from
 * @param timestamp its modification time at the source, in ms
 * @param size in bytes, at most 0 when not known
 * @param type how it is unpacked
 * @param visibility who may share it
 * @param pattern which entries are unpacked, for {@link LocalResourceType#PATTERN}
 */
record ResourceKey(
        URI uri,
        long timestamp,
        long size,
        LocalResourceType type,
        LocalResourceVisibility visibility,
        String pattern) {
    static ResourceKey of(LocalResource resource) throws LocalizationException {
        try {
            URI uri = resource.getResource().toPath().toUri();
            String pattern = resource.getPattern();
            return new ResourceKey(
                    uri,
                    resource.getTimestamp(),
                    resource.getSize(),
                    resource.getType(),
                    resource.getVisibility(),
                    pattern == null ? "" : pattern);
        } catch (URISyntaxException e) {
            throw new LocalizationException("no address of a file: " + resource.getResource(), e);
        }
    }

    /** The file's own name. */
    String name() {
        String path = uri.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
