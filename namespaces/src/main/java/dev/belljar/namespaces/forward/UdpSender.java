package dev.belljar.namespaces.forward;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Who sent a datagram to a published port, and how an answer gets there.
 *
 * @param from where it came from
 * @param to the host's address that it was sent to, where the port is published on all of them: the
 *     answer comes from there
 */
record UdpSender(InetSocketAddress from, Optional<InetAddress> to) {}
