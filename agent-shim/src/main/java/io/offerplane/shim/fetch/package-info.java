/**
 * Brings the files that a command names into its sandbox before the command starts, as Mesos' fetcher does. Nothing here runs a
 * shell, and nothing is written outside the sandbox, whatever an archive says.
 */
@NullMarked
package io.offerplane.shim.fetch;

import org.jspecify.annotations.NullMarked;
