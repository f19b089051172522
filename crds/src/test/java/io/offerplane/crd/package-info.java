/** Makes the checked-in CRDs from the records, and holds them against a real API server. Start at {@code CrdYaml}. */
package io.offerplane.crd;
