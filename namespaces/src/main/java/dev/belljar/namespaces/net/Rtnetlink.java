package dev.belljar.namespaces.net;

/**
 * Numbers of {@code linux/if.h}, {@code if_link.h}, {@code if_addr.h}, {@code neighbour.h} and
 * {@code rtnetlink.h} that are not among the generated bindings.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/rtnetlink.7.html">rtnetlink(7)</a>
 */
final class Rtnetlink {
  static final int AF_UNSPEC = 0;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  static final int IFF_UP = 0x1;
  static final int IFF_RUNNING = 0x40;

  static final int IFLA_STATS64 = 23;
  static final int IFLA_IFALIAS = 20;
  static final int IFLA_AF_SPEC = 26;
  static final int IFLA_GROUP = 27;
  static final int IFLA_EXT_MASK = 29;
  static final int IFLA_LINK_NETNSID = 37;
  static final int IFLA_INET6_ADDR_GEN_MODE = 8;
  static final int IN6_ADDR_GEN_MODE_NONE = 1;
  static final int IFLA_MACVLAN_MODE = 1;
  static final int IFLA_VLAN_ID = 1;

  static final int IFA_F_NODAD = 0x02;
  static final int IFA_F_PERMANENT = 0x80;
  static final int IFA_F_TENTATIVE = 0x40;

  static final int RTM_GETNEIGH = 30;
  static final int RTM_NEWNEIGH = 28;
  static final int RTM_DELNEIGH = 29;
  static final int NDA_DST = 1;
  static final int NDA_LLADDR = 2;

  static final int RTM_NEWQDISC = 36;
  static final int RTM_DELQDISC = 37;
  static final int RTM_GETQDISC = 38;
  static final int RTM_NEWTCLASS = 40;
  static final int RTM_DELTCLASS = 41;
  static final int RTM_GETTCLASS = 42;
  static final int RTM_NEWTFILTER = 44;
  static final int RTM_DELTFILTER = 45;
  static final int RTM_GETTFILTER = 46;

  static final int RTNLGRP_LINK = 1;
  static final int RTNLGRP_IPV4_IFADDR = 5;
  static final int RTNLGRP_IPV4_ROUTE = 7;
  static final int RTNLGRP_IPV6_IFADDR = 9;
  static final int RTNLGRP_IPV6_ROUTE = 11;

  private Rtnetlink() {}
}
