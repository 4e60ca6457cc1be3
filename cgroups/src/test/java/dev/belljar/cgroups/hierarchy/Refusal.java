package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.linux.LinuxException;

/** Asks the kernel for what it must refuse. */
final class Refusal {
  private Refusal() {}

  /** Writes a value, and asserts that it is refused with the error of a row, which explains it. */
  static void of(CgroupDirectory group, String file, String value, ControlFileError row) {
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> group.write(file, value))
        .satisfies(e -> {
          if (!e.is(row.errno())) {
            throw new AssertionError("not " + row.errno(), e);
          }
        })
        .withMessageContaining(file)
        .withMessageContaining(value.strip())
        .withMessageContaining(row.cause())
        .withMessageContaining(row.remedy());
  }
}
