package dev.belljar.namespaces.net;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Objects;

/**
 * An address with the length of its network's prefix, such as {@code 10.1.0.2/24}; it stands for
 * the address on a link, or for the network it is in.
 *
 * @param address IPv4 or IPv6
 * @param prefix how many bits name the network, 0 to 32 or 128
 */
public record IpNetwork(InetAddress address, int prefix) {
  /**
   * Checks the prefix.
   *
   * @throws IllegalArgumentException when it is longer than the address
   */
  public IpNetwork {
    Objects.requireNonNull(address, "address");
    int bits = bits(address);
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException(
          "a prefix has 0 to %d bits, not %d".formatted(bits, prefix));
    }
  }

  /**
   * Reads an address with or without its prefix's length, which is then its whole length.
   *
   * @param text such as {@code 10.1.0.0/24} or {@code fd00::1}; never a name
   * @return the network
   * @throws IllegalArgumentException when it is none
   */
  public static IpNetwork parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
    if (slash < 0) {
      return of(address);
    }
    try {
      return new IpNetwork(address, Integer.parseInt(text.substring(slash + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' has no prefix length", e);
    }
  }

  /**
   * Returns the network that has just one address.
   *
   * @param address the address
   * @return it, with the longest prefix
   */
  public static IpNetwork of(InetAddress address) {
    return new IpNetwork(address, bits(address));
  }

  private static int bits(InetAddress address) {
    return address.getAddress().length * 8;
  }

  /**
   * Tells whether it is IPv6.
   *
   * @return false for IPv4
   */
  public boolean isV6() {
    return bits(address) == 128;
  }

  /**
   * Returns the network itself: all bits behind the prefix are 0.
   *
   * @return the network
   */
  public IpNetwork network() {
    return new IpNetwork(address(first()), prefix);
  }

  /**
   * Tells whether an address belongs to the network.
   *
   * @param other an address of either family
   * @return true when it has the same prefix
   */
  public boolean contains(InetAddress other) {
    return bits(other) == bits(address) && new IpNetwork(other, prefix).first().equals(first());
  }

  /**
   * Tells whether two networks have an address in common.
   *
   * @param other the other
   * @return true when one contains the other
   */
  public boolean overlaps(IpNetwork other) {
    return prefix <= other.prefix ? contains(other.address) : other.contains(address);
  }

  /**
   * Returns an address of the network by its number.
   *
   * @param number 0 for the network's own address
   * @return the address
   * @throws IllegalArgumentException when the network has no such number
   */
  public InetAddress at(long number) {
    if (number < 0 || BigInteger.valueOf(number).compareTo(size()) >= 0) {
      throw new IllegalArgumentException(this + " has no address number " + number);
    }
    return address(first().add(BigInteger.valueOf(number)));
  }

  /**
   * Returns how many addresses there are.
   *
   * @return 1 or more, those of the network itself and of broadcast included
   */
  public BigInteger size() {
    return BigInteger.ONE.shiftLeft(bits(address) - prefix);
  }

  private BigInteger first() {
    return new BigInteger(1, address.getAddress()).andNot(size().subtract(BigInteger.ONE));
  }

  private InetAddress address(BigInteger number) {
    byte[] bytes = new byte[bits(address) / 8];
    byte[] digits = number.toByteArray();
    int from = Math.max(0, digits.length - bytes.length); // a leading 0 for the sign
    byte[] used = Arrays.copyOfRange(digits, from, digits.length);
    System.arraycopy(used, 0, bytes, bytes.length - used.length, used.length);
    return inet(bytes);
  }

  static InetAddress inet(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address of " + bytes.length + " bytes", e);
    }
  }

  /** Prints it as ip(8) does, such as {@code 10.1.0.2/24}. */
  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefix;
  }
}
