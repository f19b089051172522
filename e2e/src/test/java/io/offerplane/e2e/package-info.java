/**
 * Acceptance tests: clients that nobody here wrote, on a real Kubernetes with the chart installed.
 *
 * <p>Each test class is tagged {@code cluster} and named {@code …E2E}; they share one cluster and one installation ({@link
 * io.offerplane.e2e.OfferplaneOnCluster}), and run in the order of their {@code @Order}: what disturbs others comes last.
 * Nothing here may reach into the product's classes: tests see what a user sees, the wire, the API server and the kernel.
 * Start at {@link io.offerplane.e2e.ManyTasksE2E}.
 */
@NullMarked
package io.offerplane.e2e;

import org.jspecify.annotations.NullMarked;
