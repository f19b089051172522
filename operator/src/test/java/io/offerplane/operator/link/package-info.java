/** Tests of the link, over real TLS and gRPC, with simulated shims. */
package io.offerplane.operator.link;
