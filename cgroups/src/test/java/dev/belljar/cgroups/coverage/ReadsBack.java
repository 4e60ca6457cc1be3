package dev.belljar.cgroups.coverage;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that writes control files and reads them back, or only reads them, where no effect can be
 * shown. Kept for {@code docs/cgroup-coverage.md}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Tag(CoverageRecord.TAG)
@ExtendWith(CoverageRecord.class)
public @interface ReadsBack {
  /** The files, such as {@code cpu.uclamp.min}. */
  String[] value();

  /** Why no effect can be shown on a machine of ours. */
  String why();
}
