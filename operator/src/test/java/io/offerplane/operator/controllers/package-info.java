/** Controllers with a real API server, the real engine, and the other parts of a cluster played by hand. */
package io.offerplane.operator.controllers;
