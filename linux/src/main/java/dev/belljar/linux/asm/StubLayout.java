package dev.belljar.linux.asm;

/** The parameter block of the stub: offsets of its fields, each a u64. */
public final class StubLayout {
  /** Address of the {@code struct clone_args}. */
  public static final int CLONE_ARGS = 0;

  /** Its size in bytes. */
  public static final int CLONE_ARGS_SIZE = 8;

  /** Address of an int32 array: the descriptors that the new process keeps. */
  public static final int KEPT_DESCRIPTORS = 16;

  /** Number of its elements. */
  public static final int KEPT_COUNT = 24;

  /** The descriptor of the launch image. */
  public static final int IMAGE = 32;

  /** Address of the argument vector. */
  public static final int ARGV = 40;

  /** Address of the environment. */
  public static final int ENVP = 48;

  /** Address of the signal set that is blocked meanwhile: 8 bytes, all ones. */
  public static final int BLOCKED_SIGNALS = 56;

  /** Address of 8 bytes for the mask that was before. */
  public static final int PREVIOUS_SIGNALS = 64;

  /** Address of an empty, NUL-terminated string. */
  public static final int EMPTY_PATH = 72;

  /** Set by the child, which shares this memory: its call's -errno; stays as it was if none. */
  public static final int CHILD_ERROR = 80;

  /** Size of the block, in bytes. */
  public static final int SIZE = 88;

  private StubLayout() {}
}
