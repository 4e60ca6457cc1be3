package dev.belljar.namespaces.net;

/** Something in the network of a namespace that has changed; see {@link NetworkStack#watch}. */
public sealed interface NetworkChange {
  /**
   * A link that is new or is different now.
   *
   * @param link the link
   */
  record LinkChanged(Link link) implements NetworkChange {}

  /**
   * A link that has been deleted, or moved to another namespace.
   *
   * @param link the link as it was
   */
  record LinkGone(Link link) implements NetworkChange {}

  /**
   * An address that a link got.
   *
   * @param address the address
   */
  record AddressAdded(LinkAddress address) implements NetworkChange {}

  /**
   * An address that a link has lost.
   *
   * @param address the address
   */
  record AddressRemoved(LinkAddress address) implements NetworkChange {}

  /**
   * A new route.
   *
   * @param route the route
   */
  record RouteAdded(Route route) implements NetworkChange {}

  /**
   * A route that is gone. Those that go with their link are often not told.
   *
   * @param route the route
   */
  record RouteRemoved(Route route) implements NetworkChange {}

  /** There were more changes at once than the kernel keeps: look at everything anew. */
  record Lost() implements NetworkChange {}
}
