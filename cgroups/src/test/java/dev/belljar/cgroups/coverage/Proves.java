package dev.belljar.cgroups.coverage;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that shows what control files do, not only what they say: a value that was written has its
 * effect, a reading follows what happened. Kept for {@code docs/cgroup-coverage.md}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Tag(CoverageRecord.TAG)
@ExtendWith(CoverageRecord.class)
public @interface Proves {
  /**
   * The files, such as {@code cpu.shares}; {@code hugetlb.<size>.max} for one of each page size.
   */
  String[] value();
}
