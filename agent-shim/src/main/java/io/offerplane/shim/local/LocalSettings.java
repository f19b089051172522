package io.offerplane.shim.local;

import io.offerplane.protocol.settings.Variables;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may have containers started on this node, beside the leader.
 *
 * @param socket where they are listened to; nobody is when it is absent
 * @param users names, or numbers of users without a name in the shim's own /etc/passwd, whose processes are heard
 * @param folders of the host that volumes of their containers may come from, beside those that tasks' may
 * @param homes folders of the host that are given to a user, as those that the kubelet makes are root's
 */
public record LocalSettings(Optional<Path> socket, Set<String> users, List<Path> folders, List<Home> homes) {
    private static final Pattern HOME = Pattern.compile("([1-9][0-9]{0,8})=(/.*)");

    /** One folder, and the number of the user that it is for. */
    public record Home(int user, Path folder) {}

    public LocalSettings {
        users = Set.copyOf(users);
        folders = List.copyOf(folders);
        homes = List.copyOf(homes);
    }

    /** @throws IllegalArgumentException naming the variable that is wrong, and what it should hold */
    public static LocalSettings of(Variables variables) {
        List<String> users = variables.words("USERS");
        return new LocalSettings(
                variables.path("SOCKET"),
                users.isEmpty() ? Set.of("root") : new LinkedHashSet<>(users),
                variables.folders("FOLDERS"),
                variables.words("HOMES").stream().map(LocalSettings::home).toList());
    }

    private static Home home(String text) {
        Matcher parts = HOME.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("OFFERPLANE_LOCAL_HOMES has '" + text
                    + "'; expected a user's number, '=' and an absolute path, such as 1000=/srv/data");
        }
        return new Home(Integer.parseInt(parts.group(1)), Path.of(parts.group(2)));
    }
}
