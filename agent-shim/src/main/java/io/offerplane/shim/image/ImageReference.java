package io.offerplane.shim.image;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which image, of which registry. Source: the grammar of references of the distribution project, which Docker and Mesos use.
 *
 * @param registry {@code host} or {@code host:port}
 * @param repository its name there
 * @param suffix {@code :tag} or {@code @sha256:digest}
 */
public record ImageReference(String registry, String repository, String suffix) {

    /** Where names without a registry come from when nothing else is said. */
    public static final String DOCKER_HUB = "docker.io";

    private static final int MOST_NAME = 255;
    private static final Pattern WORD = Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
    private static final Pattern REGISTRY = Pattern.compile(
            "[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?|\\[[0-9a-fA-F:]+](?::[0-9]{1,5})?");
    private static final Pattern WHOLE = Pattern.compile(
            "(?<name>[^@]+?)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?");

    /**
     * Reads a name as users write it.
     *
     * @param usualRegistry of names that have none
     * @throws ImageException when it is none
     */
    public static ImageReference parse(String text, String usualRegistry) throws ImageException {
        Matcher whole = WHOLE.matcher(text);
        if (!whole.matches()) {
            throw wrong(text);
        }
        String name = whole.group("name");
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean named = first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
        String registry = named ? first : usualRegistry;
        String repository = named ? name.substring(slash + 1) : name;
        if (registry.equals(DOCKER_HUB) && repository.indexOf('/') < 0) {
            repository = "library/" + repository;
        }
        if (name.length() > MOST_NAME || !REGISTRY.matcher(registry).matches()) {
            throw wrong(text);
        }
        for (String word : repository.split("/", -1)) {
            if (!WORD.matcher(word).matches()) {
                throw wrong(text);
            }
        }
        String digest = whole.group("digest");
        String tag = whole.group("tag");
        // A digest says it all; a tag beside it is for people.
        return new ImageReference(
                registry, repository, digest != null ? "@" + digest : ":" + (tag == null ? "latest" : tag));
    }

    private static ImageException wrong(String text) {
        String shown = text.length() > MOST_NAME ? text.substring(0, MOST_NAME) + "..." : text;
        return new ImageException(
                "'" + shown
                        + "' is no image's name; expected [registry[:port]/]repository[:tag][@sha256:digest], the repository in lower case");
    }

    @Override
    public String toString() {
        return registry + "/" + repository + suffix;
    }
}
