/** Rules that hold for the repository as a whole: links, packages, leftovers. Knows files only. */
package io.offerplane.e2e.tidy;
