package io.offerplane.yarn.gateway.link;

import io.offerplane.protocol.link.v1.AttemptBegan;
import io.offerplane.protocol.link.v1.Granted;
import io.offerplane.protocol.link.v1.HeadAmount;
import io.offerplane.protocol.link.v1.HeadAsk;
import io.offerplane.protocol.link.v1.HeadAskKey;
import io.offerplane.protocol.link.v1.HeadQueue;
import io.offerplane.protocol.link.v1.NodeJoined;
import io.offerplane.yarn.gateway.allocation.Amount;
import io.offerplane.yarn.gateway.allocation.Applicant;
import io.offerplane.yarn.gateway.allocation.Ask;
import io.offerplane.yarn.gateway.allocation.AskKey;
import io.offerplane.yarn.gateway.allocation.Grant;
import io.offerplane.yarn.gateway.allocation.NodeOnOffer;
import io.offerplane.yarn.gateway.allocation.QueueOnOffer;
import java.util.List;

/** The head's words as the link's, and back. */
final class LinkWords {
    private LinkWords() {}

    static NodeJoined node(NodeOnOffer node) {
        return NodeJoined.newBuilder()
                .setNode(node.id())
                .setHost(node.agent())
                .setTotal(amount(node.total()))
                .build();
    }

    static AttemptBegan attempt(Applicant applicant) {
        return AttemptBegan.newBuilder()
                .setAttempt(applicant.attempt())
                .setApplication(applicant.application())
                .setQueue(applicant.queue())
                .setUser(applicant.user())
                .setPriority(applicant.priority())
                .build();
    }

    /** @param answered grants of its key that the head has answered by now */
    static HeadAsk ask(Ask ask, long answered) {
        HeadAsk.Builder words = HeadAsk.newBuilder()
                .setAttempt(ask.attempt())
                .setKey(key(ask.key()))
                .setEach(amount(ask.each()))
                .setNodeLabel(ask.nodeLabel())
                .setGrantsSeen(ask.grantsSeen())
                .setGrantsAnswered(Math.max(answered, ask.grantsSeen()))
                .setApplicationMaster(ask.applicationMaster());
        ask.wishes().forEach(wish -> words.addWishesBuilder()
                .setPlace(wish.place())
                .setCount(wish.count())
                .setRelaxed(wish.relaxed()));
        return words.build();
    }

    static HeadAskKey key(AskKey key) {
        return HeadAskKey.newBuilder()
                .setPriority(key.priority())
                .setAllocationRequestId(key.allocationRequestId())
                .build();
    }

    static AskKey key(HeadAskKey key) {
        return new AskKey(key.getPriority(), key.getAllocationRequestId());
    }

    static HeadAmount amount(Amount amount) {
        return HeadAmount.newBuilder()
                .setMemoryMib(amount.memoryMib())
                .setVcores(amount.vcores())
                .build();
    }

    static Amount amount(HeadAmount amount) {
        return new Amount(amount.getMemoryMib(), amount.getVcores());
    }

    static Grant grant(Granted granted) {
        return new Grant(
                granted.getGrant(),
                granted.getAttempt(),
                key(granted.getKey()),
                granted.getNode(),
                amount(granted.getEach()));
    }

    static List<QueueOnOffer> queues(List<HeadQueue> queues) {
        return queues.stream().map(LinkWords::queue).toList();
    }

    private static QueueOnOffer queue(HeadQueue queue) {
        return new QueueOnOffer(queue.getPath(), queue.getCapacity(), queue.getMaximumCapacity(), queue.getWeight());
    }
}
