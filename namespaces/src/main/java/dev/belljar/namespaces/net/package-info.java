/**
 * The network inside a namespace, spoken to by netlink: links, addresses, routes, neighbours,
 * traffic control, firewall rules, and the networks that containers are put into.
 */
package dev.belljar.namespaces.net;
