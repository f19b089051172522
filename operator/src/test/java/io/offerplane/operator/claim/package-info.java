/** Tables of what a claim's size comes to. */
package io.offerplane.operator.claim;
