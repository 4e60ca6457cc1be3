package dev.belljar.linux.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Skips what it marks where no cgroup v2 file system is mounted, or lacks a controller, or this
 * user may make no groups there.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Requirements.class)
public @interface RequiresCgroupV2 {
  /** Controllers that must be available where groups can be made, such as {@code memory}. */
  String[] value() default {};
}
