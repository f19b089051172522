package io.offerplane.engine.offer;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;

/**
 * Why a framework was passed over for an agent in an allocation cycle.
 *
 * @param available what the agent had to give at that moment
 * @param detail one sentence with the numbers, for people
 */
public record Rejection(
        FrameworkId frameworkId, RolePath role, AgentId agentId, Reason reason, Resources available, String detail) {
    /** The rule that passed it over; in the order in which a cycle applies them. */
    public enum Reason {
        /** The agent is disconnected or deactivated. */
        AGENT_INACTIVE,
        /** Nothing worth offering is left: below the least that is offered at all. */
        BELOW_MINIMUM,
        /** What is left is reserved for other roles, or in a form that the framework doesn't know. */
        RESERVED_FOR_OTHERS,
        /** A limit of the role, or of one above it, leaves no room for what is left. */
        QUOTA_LIMIT,
        /** Its user holds as much of the role as the role lets one user have. */
        USER_LIMIT,
        /** Masters of applications hold as much of the role as it lets them have. */
        MASTER_LIMIT,
        /** What is left is held back for roles that lack what they are guaranteed. */
        HELD_FOR_GUARANTEES,
        /** The agent is kept for somebody whose tasks need more of it than others leave. */
        SET_ASIDE,
        /** The agent has gpus and the framework can't use them. */
        GPU_UNAWARE,
        /** The agent is in another region and the framework doesn't know of regions. */
        REGION_UNAWARE,
        /** The agent doesn't meet the framework's own offer constraints. */
        OFFER_CONSTRAINTS,
        /** The framework declined as much or more here, and its refuse time still runs. */
        FILTERED,
        /** The application wants nothing on this agent. */
        AVOIDED_BY_APPLICATION,
        /** What is left is less than one container of what the application asks for. */
        ASK_DOES_NOT_FIT,
        /** The application still waits for a place nearer to what it asked for. */
        WAITS_FOR_LOCALITY,
        /** The agent, or what runs there, is not what the application asked for. */
        PLACEMENT_CONSTRAINTS,
        /** A gang is served all at once, and there is no room for all of it. */
        GANG_INCOMPLETE,
        /** Another framework with a lower share got it. */
        LOST_TO_LOWER_SHARE
    }
}
