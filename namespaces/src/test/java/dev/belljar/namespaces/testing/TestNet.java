package dev.belljar.namespaces.testing;

import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceSet;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.NewNamespaces;

/**
 * A throw-away NET namespace without a process, whose {@code lo} is down; an ordinary user's is
 * owned by a new USER namespace, in which that user is root.
 */
public final class TestNet implements AutoCloseable {
  private final NamespaceSet made;

  private TestNet(NamespaceSet made) {
    this.made = made;
  }

  /** Makes one, as whoever runs the test can. */
  public static TestNet create() {
    return Syscall.call(SyscallNumber.GETEUID) == 0
        ? new TestNet(NewNamespaces.of(NamespaceType.NET).create())
        : owned();
  }

  /** Makes one that is owned by a new USER namespace, for root too. */
  public static TestNet owned() {
    return new TestNet(NewNamespaces.of(NamespaceType.USER, NamespaceType.NET).create());
  }

  /** Returns the namespace, which stays this object's. */
  public Namespace namespace() {
    return made.get(NamespaceType.NET);
  }

  @Override
  public void close() {
    made.close();
  }
}
