/** Tests of the rules by which Task objects are run. */
package io.offerplane.operator.task;
