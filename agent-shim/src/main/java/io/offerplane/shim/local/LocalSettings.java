package io.offerplane.shim.local;

import io.offerplane.shim.settings.Variables;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who may have containers started on this node, beside the leader.
 *
 * @param socket where they are listened to; nobody is when it is absent
 * @param users names, or numbers of users without a name in the shim's own /etc/passwd, whose processes are heard
 * @param folders of the host that volumes of their containers may come from, beside those that tasks' may
 */
public record LocalSettings(Optional<Path> socket, Set<String> users, List<Path> folders) {
    public LocalSettings {
        users = Set.copyOf(users);
        folders = List.copyOf(folders);
    }

    /** @throws IllegalArgumentException naming the variable that is wrong, and what it should hold */
    public static LocalSettings of(Variables variables) {
        List<String> users = variables.words("USERS");
        return new LocalSettings(
                variables.path("SOCKET"),
                users.isEmpty() ? Set.of("root") : new LinkedHashSet<>(users),
                variables.folders("FOLDERS"));
    }
}
