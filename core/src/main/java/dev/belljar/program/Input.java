package dev.belljar.program;

/** A descriptor that a program wants from the JVM. */
public sealed interface Input {
  /** What it is called in the printed program. */
  String label();

  /** Those of which there is one. */
  enum Single implements Input {
    /** The command's standard input. */
    STDIN("stdin"),
    /** The command's standard output. */
    STDOUT("stdout"),
    /** The command's standard error. */
    STDERR("stderr"),
    /** The socket through which the JVM gets the command's terminal. */
    TERMINAL("terminal"),
    /** The JVM's own pidfd. */
    JVM("jvm"),
    /** The pipe through which the JVM says that a forked process may go on. */
    GO("go"),
    /** The group in the v2 tree. */
    CGROUP("cgroup"),
    /** The image of the built-in init. */
    INIT("init"),
    /** The pipe through which init passes the command's status. */
    STATUS("status"),
    /** The pidfd of the running container's first process. */
    CONTAINER("container"),
    /** The socket through which the JVM gets a running container's root directory. */
    ROOT("root directory"),

    /** A mount namespace with what the starts of a spec have in common. */
    PREPARED("prepared mounts");

    private final String label;

    Single(String label) {
      this.label = label;
    }

    @Override
    public String label() {
      return label;
    }
  }

  /**
   * The {@code tasks} file of a v1 group.
   *
   * @param index which of the group's hierarchies
   */
  record Tasks(int index) implements Input {
    @Override
    public String label() {
      return "tasks " + index;
    }
  }

  /**
   * A detached tree of mounts that the JVM makes.
   *
   * @param index which of those the program asks for
   */
  record Tree(int index) implements Input {
    @Override
    public String label() {
      return "tree " + index;
    }
  }

  /**
   * A namespace to enter.
   *
   * @param index which of those to enter
   */
  record Entered(int index) implements Input {
    @Override
    public String label() {
      return "namespace " + index;
    }
  }
}
