package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.Allocator;
import io.offerplane.yarn.gateway.allocation.Applicant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentMap;
import org.apache.hadoop.yarn.api.records.ApplicationAttemptId;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.event.Event;
import org.apache.hadoop.yarn.server.resourcemanager.RMContext;
import org.apache.hadoop.yarn.server.resourcemanager.rmapp.RMAppEvent;
import org.apache.hadoop.yarn.server.resourcemanager.rmapp.RMAppEventType;
import org.apache.hadoop.yarn.server.resourcemanager.rmapp.attempt.RMAppAttemptEvent;
import org.apache.hadoop.yarn.server.resourcemanager.rmapp.attempt.RMAppAttemptEventType;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainer;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainerState;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.SchedulerApplication;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.AppAddedSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.AppAttemptAddedSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.AppRemovedSchedulerEvent;
import org.jspecify.annotations.Nullable;

/** Applications and their attempts, from acceptance to the end, on the thread of the scheduler's events. */
final class Applications {
    private final ConcurrentMap<ApplicationId, SchedulerApplication<HeadAttempt>> known;
    private final HeadQueues queues;
    private final Allocator allocator;
    private final RMContext context;

    Applications(
            ConcurrentMap<ApplicationId, SchedulerApplication<HeadAttempt>> known,
            HeadQueues queues,
            Allocator allocator,
            RMContext context) {
        this.known = known;
        this.queues = queues;
        this.allocator = allocator;
        this.context = context;
    }

    void added(AppAddedSchedulerEvent event) {
        ApplicationId id = event.getApplicationId();
        String rejection = rejection(event, queues.find(event.getQueue()));
        if (rejection != null) {
            tell(new RMAppEvent(id, RMAppEventType.APP_REJECTED, rejection));
            return;
        }
        HeadQueue queue = queues.find(event.getQueue());
        Priority priority = event.getApplicatonPriority();
        known.put(
                id,
                new SchedulerApplication<>(
                        queue,
                        event.getUser(),
                        priority == null ? Priority.newInstance(0) : priority,
                        event.isUnmanagedAM()));
        if (queue != null) {
            queue.getMetrics().submitApp(event.getUser(), event.isUnmanagedAM());
        }
        if (!event.getIsAppRecovering()) {
            tell(new RMAppEvent(id, RMAppEventType.APP_ACCEPTED));
        }
    }

    // The texts are the ones which YARN's users know from its CapacityScheduler.
    private static @Nullable String rejection(AppAddedSchedulerEvent event, @Nullable HeadQueue queue) {
        String who = "Application " + event.getApplicationId() + " submitted by user " + event.getUser();
        if (queue == null) {
            return who + " to unknown queue: " + event.getQueue();
        }
        return queue.isLeaf() ? null : who + " to non-leaf queue: " + event.getQueue();
    }

    void removed(AppRemovedSchedulerEvent event) {
        SchedulerApplication<HeadAttempt> application = known.remove(event.getApplicationID());
        if (application != null) {
            application.stop(event.getFinalState());
            allocator.applicationEnded(event.getApplicationID().toString());
        }
    }

    /** The allocator has no place for it any more. */
    void kill(String application, String why) {
        ApplicationId id = ApplicationId.fromString(application);
        if (known.containsKey(id)) {
            tell(new RMAppEvent(id, RMAppEventType.KILL, why));
        }
    }

    void attemptAdded(AppAttemptAddedSchedulerEvent event) {
        ApplicationAttemptId id = event.getApplicationAttemptId();
        SchedulerApplication<HeadAttempt> application = known.get(id.getApplicationId());
        if (application == null) {
            return;
        }
        HeadQueue queue = (HeadQueue) application.getQueue();
        HeadAttempt attempt =
                new HeadAttempt(id, application.getUser(), queue, context, event.getIsAttemptRecovering());
        HeadAttempt previous = application.getCurrentAppAttempt();
        if (event.getTransferStateFromPreviousAttempt() && previous != null) {
            attempt.transferStateFromPreviousAttempt(previous);
        }
        attempt.setPriority(application.getPriority());
        application.setCurrentAppAttempt(attempt);
        queue.getMetrics().submitAppAttempt(application.getUser(), application.isUnmanagedAM());
        allocator.attemptBegan(new Applicant(
                attempt.getId(),
                id.getApplicationId().toString(),
                queue.path(),
                application.getUser(),
                application.getPriority().getPriority()));
        if (!event.getIsAttemptRecovering()) {
            tell(new RMAppAttemptEvent(id, RMAppAttemptEventType.ATTEMPT_ADDED));
        }
    }

    /** Whether a container goes on when its attempt ends. */
    static boolean outlives(RMContainer container, boolean keepContainers) {
        return keepContainers && container.getState() == RMContainerState.RUNNING && !container.isAMContainer();
    }

    List<ApplicationAttemptId> attemptsUnder(HeadQueue queue) {
        List<ApplicationAttemptId> attempts = new ArrayList<>();
        for (SchedulerApplication<HeadAttempt> application : known.values()) {
            HeadAttempt attempt = application.getCurrentAppAttempt();
            if (attempt != null && (attempt.queuePath() + ".").startsWith(queue.path() + ".")) {
                attempts.add(attempt.getApplicationAttemptId());
            }
        }
        return attempts;
    }

    @SuppressWarnings("unchecked") // Hadoop's dispatcher takes events of every kind by its raw type.
    private void tell(Event<?> event) {
        context.getDispatcher().getEventHandler().handle(event);
    }
}
