/** Tests of the ports to Kubernetes, as far as they go without a server. */
package io.offerplane.operator.kubernetes;
