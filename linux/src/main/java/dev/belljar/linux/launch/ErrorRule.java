package dev.belljar.linux.launch;

/**
 * Where a program goes on after an errno.
 *
 * @param errno the errno's number, or {@link #ANY_OTHER}
 * @param target the index of the step to go on with, or {@link #FAIL}
 */
public record ErrorRule(int errno, int target) {
  /** Stands for every errno that has no rule of its own. */
  public static final int ANY_OTHER = 0;

  /** The program ends, and reports the step and the errno. */
  public static final int FAIL = -1;

  // A record's own equality is put together at its first use, which takes a new JVM some 15 ms.
  @Override
  public boolean equals(Object other) {
    return other instanceof ErrorRule(int otherErrno, int otherTarget)
        && errno == otherErrno
        && target == otherTarget;
  }

  @Override
  public int hashCode() {
    return 31 * errno + target;
  }
}
