package io.offerplane.engine.ask;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskId;

/**
 * A container that an application may start now; YARN {@code Container}. On the books as a task from here on.
 *
 * @param role the queue that is charged for it until it ends, whichever its application is in by then; its agent names it when it registers again
 * @param level how near it is to what was wanted
 */
public record Grant(
        TaskId container,
        RolePath role,
        AskKey key,
        AgentId agentId,
        AgentSpec agent,
        ResourceQuantities size,
        Locality.Level level,
        boolean applicationMaster) {}
