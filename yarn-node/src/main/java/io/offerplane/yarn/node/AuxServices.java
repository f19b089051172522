package io.offerplane.yarn.node;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocalDirAllocator;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ReflectionUtils;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.InvalidAuxServiceException;
import org.apache.hadoop.yarn.security.ContainerTokenIdentifier;
import org.apache.hadoop.yarn.server.api.ApplicationInitializationContext;
import org.apache.hadoop.yarn.server.api.ApplicationTerminationContext;
import org.apache.hadoop.yarn.server.api.AuxiliaryLocalPathHandler;
import org.apache.hadoop.yarn.server.api.AuxiliaryService;
import org.apache.hadoop.yarn.server.api.ContainerInitializationContext;
import org.apache.hadoop.yarn.server.api.ContainerTerminationContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The auxiliary services of a node, Hadoop's own, such as the ShuffleHandler ({@code yarn.nodemanager.aux-services}). */
final class AuxServices implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AuxServices.class);

    private final SequencedMap<String, AuxiliaryService> services = new TreeMap<>();

    /** Starts what the configuration names. */
    AuxServices(Configuration conf) {
        AuxiliaryLocalPathHandler paths = new LocalPaths(conf);
        for (String name : conf.getTrimmedStringCollection(YarnConfiguration.NM_AUX_SERVICES)) {
            Class<? extends AuxiliaryService> type = conf.getClass(
                    String.format(YarnConfiguration.NM_AUX_SERVICE_FMT, name), null, AuxiliaryService.class);
            if (type == null) {
                throw new IllegalArgumentException("auxiliary service " + name + " has no class: set "
                        + String.format(YarnConfiguration.NM_AUX_SERVICE_FMT, name));
            }
            AuxiliaryService service = ReflectionUtils.newInstance(type, conf);
            service.setAuxiliaryLocalPathHandler(paths);
            service.init(conf);
            service.start();
            services.put(name, service);
        }
    }

    /** What each service tells its clients. */
    Map<String, ByteBuffer> metaData() {
        Map<String, ByteBuffer> metaData = new TreeMap<>();
        services.forEach((name, service) -> {
            ByteBuffer data = service.getMetaData();
            if (data != null) {
                metaData.put(name, data);
            }
        });
        return metaData;
    }

    /** The same as variables of a container, in base 64. */
    Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        metaData().forEach((name, data) -> {
            byte[] bytes = new byte[data.remaining()];
            data.duplicate().get(bytes);
            environment.put("NM_AUX_SERVICE_" + name, Base64.getEncoder().encodeToString(bytes));
        });
        return environment;
    }

    /** Refuses data for services that are not here. */
    void check(Map<String, ByteBuffer> serviceData) throws InvalidAuxServiceException {
        for (String name : serviceData.keySet()) {
            if (!services.containsKey(name)) {
                throw new InvalidAuxServiceException("The auxService:" + name + " does not exist");
            }
        }
    }

    /** Hands an application's data to its services, and tells all of a container. */
    void containerStarts(ContainerTokenIdentifier token, Map<String, ByteBuffer> serviceData) {
        String user = token.getApplicationSubmitter();
        applicationStarts(user, token.getContainerID().getApplicationAttemptId().getApplicationId(), serviceData);
        for (AuxiliaryService service : services.values()) {
            service.initializeContainer(
                    new ContainerInitializationContext(user, token.getContainerID(), token.getResource()));
        }
    }

    /** Hands an application's data to its services. */
    void applicationStarts(String user, ApplicationId application, Map<String, ByteBuffer> serviceData) {
        serviceData.forEach((name, data) -> {
            AuxiliaryService service = services.get(name);
            if (service != null) {
                service.initializeApplication(new ApplicationInitializationContext(user, application, data));
            }
        });
    }

    void containerEnded(ContainerTokenIdentifier token) {
        for (AuxiliaryService service : services.values()) {
            service.stopContainer(new ContainerTerminationContext(
                    token.getApplicationSubmitter(), token.getContainerID(), token.getResource()));
        }
    }

    void applicationEnded(ApplicationId application) {
        for (Map.Entry<String, AuxiliaryService> service : services.entrySet()) {
            try {
                service.getValue().stopApplication(new ApplicationTerminationContext(application));
            } catch (RuntimeException e) {
                log.warn("service {} fails at the end of {}", service.getKey(), application, e);
            }
        }
    }

    @Override
    public void close() {
        for (AuxiliaryService service : services.values()) {
            service.stop();
        }
    }

    /** The node's directories for work, for services that read what containers wrote. */
    private static final class LocalPaths implements AuxiliaryLocalPathHandler {
        private final Configuration conf;
        private final LocalDirAllocator allocator = new LocalDirAllocator(YarnConfiguration.NM_LOCAL_DIRS);

        LocalPaths(Configuration conf) {
            this.conf = conf;
        }

        @Override
        public Path getLocalPathForRead(String path) throws java.io.IOException {
            return allocator.getLocalPathToRead(path, conf);
        }

        @Override
        public Path getLocalPathForWrite(String path) throws java.io.IOException {
            return allocator.getLocalPathForWrite(path, conf);
        }

        @Override
        public Path getLocalPathForWrite(String path, long size) throws java.io.IOException {
            return allocator.getLocalPathForWrite(path, size, conf);
        }

        @Override
        public Iterable<Path> getAllLocalPathsForRead(String path) throws java.io.IOException {
            List<Path> all = new ArrayList<>();
            allocator.getAllLocalPathsToRead(path, conf).forEach(all::add);
            return all;
        }
    }
}
