package io.offerplane.shim.image;

import java.nio.file.Path;
import java.util.List;

/**
 * An image that is on this node's disk.
 *
 * @param digest of its manifest
 * @param layers folders, the uppermost first
 */
public record Image(String digest, List<Path> layers, ImageConfig config) {
    public Image {
        layers = List.copyOf(layers);
    }
}
