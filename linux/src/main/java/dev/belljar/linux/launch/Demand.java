package dev.belljar.linux.launch;

/**
 * What a call's result must be for its step to have succeeded: a short write is a failure too.
 *
 * @param kind how it is compared
 * @param value with what
 */
public record Demand(Kind kind, long value) {
  /** How a result is compared with the demanded one. The order is that of the image's format. */
  public enum Kind {
    /** Any result will do. */
    ANY,
    /** The result must be the same. */
    EQUAL,
    /** The result must be the same or greater, as signed numbers. */
    AT_LEAST
  }

  /** Any result that is no error. */
  public static final Demand ANY = new Demand(Kind.ANY, 0);

  /** Prints it, such as {@code == 4}; nothing for any. */
  @Override
  public String toString() {
    return switch (kind) {
      case ANY -> "";
      case EQUAL -> "== " + value;
      case AT_LEAST -> ">= " + value;
    };
  }
}
