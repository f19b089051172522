/** Tests of the configuration and of the wiring. */
package io.offerplane.operator;
