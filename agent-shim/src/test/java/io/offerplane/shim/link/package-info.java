/** Tests of the link's parts. Those over sockets are one package up, where the fake leader is. */
package io.offerplane.shim.link;
