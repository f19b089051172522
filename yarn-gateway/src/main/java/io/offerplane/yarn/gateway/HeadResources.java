package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.Amount;
import org.apache.hadoop.yarn.api.records.Resource;

/** Amounts of the allocator's and resources of Hadoop's, one into the other. */
final class HeadResources {
    private HeadResources() {}

    static Amount amount(Resource resource) {
        return new Amount(Math.max(0, resource.getMemorySize()), Math.max(0, resource.getVirtualCores()));
    }

    static Resource resource(Amount amount) {
        return Resource.newInstance(amount.memoryMib(), amount.vcores());
    }
}
