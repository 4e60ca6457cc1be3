/**
 * Netlink, the protocol in which the kernel is asked about its network and told to change it:
 * messages, attributes, and sockets that exchange them. For Belljar's own modules.
 */
package dev.belljar.linux.netlink;
