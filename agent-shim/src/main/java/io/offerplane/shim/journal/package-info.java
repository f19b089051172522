/**
 * What the shim has promised, on disk: one append-only file for the node, checksummed, written by groups.
 *
 * <p>Entries are durable before what they announce is done. One file for all tasks, so that launches and updates that
 * happen together share one flush. {@link io.offerplane.shim.journal.JournalState} says what a journal's entries add up to;
 * {@link io.offerplane.shim.journal.FileJournal} keeps them. No Mesos rule belongs here.
 */
@NullMarked
package io.offerplane.shim.journal;

import org.jspecify.annotations.NullMarked;
