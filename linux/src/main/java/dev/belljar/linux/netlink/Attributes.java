package dev.belljar.linux.netlink;

import dev.belljar.linux.uapi.nlattr;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The attributes of a netlink message, in their order. */
public final class Attributes {
  private final List<Attribute> all;

  private Attributes(List<Attribute> all) {
    this.all = List.copyOf(all);
  }

  /**
   * Takes memory apart.
   *
   * @param memory attributes, one after the other, aligned to four bytes
   * @return the attributes, whose values lie in the memory
   * @throws IllegalArgumentException when one says a length that cannot be
   */
  public static Attributes read(MemorySegment memory) {
    List<Attribute> found = new ArrayList<>();
    long offset = 0;
    while (memory.byteSize() - offset >= nlattr.sizeof()) {
      MemorySegment rest = memory.asSlice(offset);
      int length = nlattr.nla_len(rest) & 0xffff;
      if (length < nlattr.sizeof() || length > rest.byteSize()) {
        throw new IllegalArgumentException(
            "malformed netlink attribute of %d bytes, with %d left"
                .formatted(length, rest.byteSize()));
      }
      found.add(
          new Attribute(
              nlattr.nla_type(rest) & Attribute.TYPE_MASK,
              rest.asSlice(nlattr.sizeof(), length - nlattr.sizeof())));
      offset += MessageWriter.aligned(length);
    }
    return new Attributes(found);
  }

  /** Returns all attributes in their order. */
  public List<Attribute> all() {
    return all;
  }

  /**
   * Finds an attribute.
   *
   * @param type its number
   * @return the last one of that number, which is the one that holds for the kernel
   */
  public Optional<Attribute> get(int type) {
    return all.reversed().stream().filter(attribute -> attribute.type() == type).findFirst();
  }

  /**
   * Returns the attributes inside an attribute.
   *
   * @param type its number
   * @return what is in it; nothing when it is not there
   */
  public Attributes nested(int type) {
    return get(type).map(Attribute::nested).orElseGet(() -> new Attributes(List.of()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Attributes attributes && attributes.all.equals(all);
  }

  @Override
  public int hashCode() {
    return all.hashCode();
  }

  @Override
  public String toString() {
    return all.toString();
  }
}
