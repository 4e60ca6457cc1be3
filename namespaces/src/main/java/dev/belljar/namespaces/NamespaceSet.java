package dev.belljar.namespaces;

import dev.belljar.linux.call.Closing;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Namespaces that belong together, at most one of each kind; closing the set closes all.
 *
 * @see NewNamespaces
 */
public final class NamespaceSet implements AutoCloseable {
  private final Map<NamespaceType, Namespace> namespaces;

  private NamespaceSet(Map<NamespaceType, Namespace> namespaces) {
    this.namespaces = Map.copyOf(namespaces);
  }

  /** Opens namespaces by their files. */
  static NamespaceSet open(Set<NamespaceType> types, Function<NamespaceType, String> file) {
    Map<NamespaceType, Namespace> opened = new EnumMap<>(NamespaceType.class);
    try {
      for (NamespaceType type : types) {
        opened.put(type, Namespace.open(file.apply(type)));
      }
    } catch (RuntimeException | Error failure) {
      opened.values().forEach(namespace -> Closing.after(failure, namespace));
      throw failure;
    }
    return new NamespaceSet(opened);
  }

  /**
   * Returns the namespace of a kind; it stays this object's.
   *
   * @param type the kind
   * @return the namespace
   * @throws IllegalArgumentException when there is none of this kind
   */
  public Namespace get(NamespaceType type) {
    Namespace namespace = namespaces.get(type);
    if (namespace == null) {
      throw new IllegalArgumentException("there is no " + type + " among " + types());
    }
    return namespace;
  }

  /**
   * Returns the kinds there are.
   *
   * @return the kinds
   */
  public Set<NamespaceType> types() {
    return namespaces.keySet();
  }

  /** Lets go of all of them. */
  @Override
  public void close() {
    Closing.all(namespaces.values());
  }

  /** Prints them as the kernel does. */
  @Override
  public String toString() {
    return namespaces.values().toString();
  }
}
