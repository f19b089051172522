package io.offerplane.yarn.node;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.security.token.SecretManager.InvalidToken;
import org.apache.hadoop.security.token.TokenIdentifier;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.Token;
import org.apache.hadoop.yarn.exceptions.InvalidContainerException;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.ipc.RPCUtil;
import org.apache.hadoop.yarn.security.ContainerTokenIdentifier;
import org.apache.hadoop.yarn.security.NMTokenIdentifier;
import org.apache.hadoop.yarn.server.api.records.MasterKey;
import org.apache.hadoop.yarn.server.nodemanager.security.NMContainerTokenSecretManager;
import org.apache.hadoop.yarn.server.nodemanager.security.NMTokenSecretManagerInNM;
import org.apache.hadoop.yarn.server.utils.BuilderUtils;
import org.jspecify.annotations.Nullable;

/**
 * Who may start, stop and see what, by Hadoop's tokens: the caller's proves which attempt it is, the container's what it may start.
 * What a container is comes from its token alone, never from the request around it.
 */
final class StartAuthority {
    // A part of paths and of scripts: nothing but what a POSIX user may be named.
    private static final Pattern USER = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}\\$?");

    private final NMTokenSecretManagerInNM callers = new NMTokenSecretManagerInNM();
    private final NMContainerTokenSecretManager containers;
    private volatile long headIdentifier;

    StartAuthority(Configuration conf) {
        containers = new NMContainerTokenSecretManager(conf);
    }

    /** Checks the passwords of connections. */
    NMTokenSecretManagerInNM callers() {
        return callers;
    }

    void node(NodeId node) {
        callers.setNodeId(node);
        containers.setNodeId(node);
    }

    /** The head's secrets, and which of its lives they are of. */
    void registered(@Nullable MasterKey containerKey, @Nullable MasterKey callerKey, long identifier) {
        keys(containerKey, callerKey);
        headIdentifier = identifier;
    }

    /** New secrets, where there are. */
    void keys(@Nullable MasterKey containerKey, @Nullable MasterKey callerKey) {
        if (containerKey != null) {
            containers.setMasterKey(containerKey);
        }
        if (callerKey != null) {
            callers.setMasterKey(callerKey);
        }
    }

    MasterKey containerKey() {
        return containers.getCurrentKey();
    }

    MasterKey callerKey() {
        return callers.getCurrentKey();
    }

    void applicationEnded(ApplicationId application) {
        callers.appFinished(application);
    }

    /** The token with which this call came. */
    NMTokenIdentifier caller() throws YarnException, IOException {
        UserGroupInformation remote = UserGroupInformation.getCurrentUser();
        for (TokenIdentifier identifier : remote.getTokenIdentifiers()) {
            if (identifier instanceof NMTokenIdentifier token
                    && token.getApplicationAttemptId().toString().equals(remote.getUserName())) {
                return token;
            }
        }
        throw RPCUtil.getRemoteException(
                "Unauthorized request to start or see containers: no NMToken of " + remote.getUserName());
    }

    /**
     * What a container's token allows.
     *
     * @throws InvalidToken when it was not made by the head
     */
    ContainerTokenIdentifier verified(@Nullable Token token) throws IOException {
        if (token == null) {
            throw new InvalidToken("Invalid container token: there is none");
        }
        ContainerTokenIdentifier identifier;
        try {
            identifier = BuilderUtils.newContainerTokenIdentifier(token);
        } catch (RuntimeException e) {
            throw new InvalidToken("Invalid container token: it cannot be read");
        }
        byte[] expected = containers.retrievePassword(identifier);
        byte[] given = new byte[token.getPassword().remaining()];
        token.getPassword().duplicate().get(given);
        if (expected == null || !MessageDigest.isEqual(expected, given)) {
            throw new InvalidToken("Invalid container token used for starting container on : " + callers.getNodeId());
        }
        return identifier;
    }

    /** Refuses a start that the two tokens together do not allow. */
    void authorizeStart(NMTokenIdentifier caller, ContainerTokenIdentifier container) throws YarnException {
        String what = "Unauthorized request to start container " + container.getContainerID() + ". ";
        if (!callers.getNodeId().toString().equals(container.getNmHostAddress())) {
            throw RPCUtil.getRemoteException(what + "Its token is for node " + container.getNmHostAddress());
        }
        if (!sameApplication(caller, container)) {
            throw RPCUtil.getRemoteException(what + "NMToken for application attempt : "
                    + caller.getApplicationAttemptId() + " was used for starting container of "
                    + container.getContainerID().getApplicationAttemptId());
        }
        if (!containers.isValidStartContainerRequest(container)) {
            throw RPCUtil.getRemoteException(what + "Attempt to relaunch the same container with id "
                    + container.getContainerID() + ", which already is running on this node or was.");
        }
        if (container.getExpiryTimeStamp() < System.currentTimeMillis()) {
            throw RPCUtil.getRemoteException(what + "This token is expired. current time is "
                    + System.currentTimeMillis() + " found " + container.getExpiryTimeStamp());
        }
        if (container.getRMIdentifier() != headIdentifier) {
            throw new InvalidContainerException(
                    "Container " + container.getContainerID() + " rejected as it is allocated by a previous RM");
        }
        String user = container.getApplicationSubmitter();
        if (!USER.matcher(user).matches()) {
            throw RPCUtil.getRemoteException(what + "No user can be named \"" + user + "\"");
        }
    }

    /** A start was taken: its token is used up, and the caller's key stays good for as long as the attempt needs it. */
    void started(NMTokenIdentifier caller, ContainerTokenIdentifier container) throws InvalidToken {
        callers.appAttemptStartContainer(caller);
        containers.startContainerSuccessful(container);
    }

    /** Whether a caller may stop or see a container. */
    static boolean sameApplication(NMTokenIdentifier caller, ContainerTokenIdentifier container) {
        return caller.getApplicationAttemptId()
                .getApplicationId()
                .equals(container.getContainerID().getApplicationAttemptId().getApplicationId());
    }
}
