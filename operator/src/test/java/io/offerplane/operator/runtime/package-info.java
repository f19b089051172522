/** Tests of the loop and of election, with the engine, the clock and the lease in the test's hands. */
package io.offerplane.operator.runtime;
