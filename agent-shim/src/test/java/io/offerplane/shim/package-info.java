/** The shim driven through its real link, with real containers where the machine allows it. */
package io.offerplane.shim;
