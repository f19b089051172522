package io.offerplane.mesos.access;

import io.offerplane.mesos.Credentials;
import io.offerplane.mesos.Credentials.Realm;
import io.offerplane.mesos.Leadership;
import io.offerplane.mesos.http.Answer;
import io.offerplane.mesos.http.Exchange;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** Mesos' first checks, in its order: authentication, then leadership. Stateless but for what it asks. */
public final class Gatekeeper {
    private final Credentials credentials;
    private final Leadership leadership;

    public Gatekeeper(Credentials credentials, Leadership leadership) {
        this.credentials = credentials;
        this.leadership = leadership;
    }

    /** What the checks found. */
    public sealed interface Outcome {
        /**
         * Go on.
         *
         * @param principal who called, when that had to be said
         */
        record Admitted(Optional<String> principal) implements Outcome {}

        record Turned(Answer answer) implements Outcome {}
    }

    /** Who calls, and whether this replica leads and has taken over. */
    public Outcome admit(Exchange exchange, Realm realm) {
        Outcome caller = authenticate(exchange, realm);
        if (caller instanceof Outcome.Turned) {
            return caller;
        }
        if (!leadership.isLeader()) {
            return new Outcome.Turned(leadership
                    .leader()
                    .map(leader -> Answer.redirect("//" + leader + exchange.routedPathAndQuery()))
                    .orElseGet(() -> Answer.text(503, "No leader elected")));
        }
        if (!leadership.recovered()) {
            return new Outcome.Turned(Answer.text(503, "Master has not finished recovery"));
        }
        return caller;
    }

    /** Who calls, for what every replica answers. */
    public Outcome authenticate(Exchange exchange, Realm realm) {
        // Where nobody has to say who calls, a right name counts all the same, and a wrong one is as none: some clients
        // send one unasked.
        Optional<String> principal = exchange.header("Authorization").flatMap(header -> principal(header, realm));
        if (principal.isEmpty() && credentials.required(realm)) {
            return new Outcome.Turned(Answer.text(
                    401, "401 Unauthorized.", Map.of("WWW-Authenticate", "Basic realm=\"" + realm.wireName() + "\"")));
        }
        return new Outcome.Admitted(principal);
    }

    private Optional<String> principal(String header, Realm realm) {
        String[] parts = header.trim().split("\\s+", 2);
        if (parts.length != 2 || !parts[0].equalsIgnoreCase("Basic")) {
            return Optional.empty();
        }
        String decoded;
        try {
            decoded = new String(Base64.getDecoder().decode(parts[1].trim()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        int colon = decoded.indexOf(':');
        if (colon < 1) {
            return Optional.empty();
        }
        String name = decoded.substring(0, colon);
        return credentials.accepts(realm, name, decoded.substring(colon + 1)) ? Optional.of(name) : Optional.empty();
    }
}
