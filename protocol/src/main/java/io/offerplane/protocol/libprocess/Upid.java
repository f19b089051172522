package io.offerplane.protocol.libprocess;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * The name of a libprocess process, {@code id@ip:port}: equal to another by id, resolved address and port. libprocess knows IPv4
 * only. Immutable.
 *
 * @param id such as {@code slave(1)}; may be empty
 * @param address where its library listens
 * @param port from 0 to 65535; 0 only in a name that names nobody
 */
public record Upid(String id, Inet4Address address, int port) {

    /** How libprocess prints the name of nobody. */
    public static final String NOBODY = "@0.0.0.0:0";

    /** More than any library makes up, and few enough for a header. */
    private static final int MAX_CHARS = 512;

    private static final int MAX_PORT = 65_535;

    /** @throws IllegalArgumentException when the id can't stand in a path, or the port is out of range */
    public Upid {
        if (!isId(id)) {
            throw new IllegalArgumentException("a process id is printable ASCII without '/', '@' and blanks");
        }
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("a port is from 0 to " + MAX_PORT + ", not " + port);
        }
    }

    /**
     * Reads {@code id@host:port}. A host that is a name is resolved, which may block.
     *
     * @throws MalformedUpidException when it isn't of that form, or the host has no IPv4 address
     */
    public static Upid parse(String text) throws MalformedUpidException {
        if (text.length() > MAX_CHARS) {
            throw new MalformedUpidException("a pid has at most " + MAX_CHARS + " characters, not " + text.length());
        }
        int at = text.indexOf('@');
        int colon = text.lastIndexOf(':');
        if (at < 0 || colon <= at + 1 || !isId(text.substring(0, at))) {
            throw new MalformedUpidException("expecting a pid of the form 'id@ip:port', not '" + printable(text) + "'");
        }
        return new Upid(text.substring(0, at), address(text.substring(at + 1, colon)), port(text.substring(colon + 1)));
    }

    private static int port(String text) throws MalformedUpidException {
        try {
            int port = Integer.parseInt(text);
            // A sign is none of a port.
            if (Character.isDigit(text.charAt(0)) && port <= MAX_PORT) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Answered below.
        }
        throw new MalformedUpidException(
                "expecting a port from 0 to " + MAX_PORT + " in a pid, not '" + printable(text) + "'");
    }

    private static Inet4Address address(String host) throws MalformedUpidException {
        try {
            if (isId(host)) {
                for (InetAddress address : InetAddress.getAllByName(host)) {
                    if (address instanceof Inet4Address ipv4) {
                        return ipv4;
                    }
                }
            }
        } catch (UnknownHostException e) {
            // Answered below.
        }
        throw new MalformedUpidException("host '" + printable(host) + "' of a pid has no IPv4 address");
    }

    /** Whether it can stand between two slashes of a request line as it is. */
    private static boolean isId(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '/' && c != '@');
    }

    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    /** Where its library listens. */
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(address, port);
    }

    /** Whether it names nobody. */
    public boolean isNobody() {
        return address.isAnyLocalAddress() && port == 0;
    }

    @Override
    public String toString() {
        return id + "@" + address.getHostAddress() + ":" + port;
    }
}
