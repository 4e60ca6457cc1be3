package dev.belljar.linux.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Skips what it marks where no cgroup v1 hierarchy is mounted, or none with a controller, or this
 * user may make no groups there.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Requirements.class)
public @interface RequiresCgroupV1 {
  /**
   * Controllers that must be mounted, such as {@code memory}; without any, one of them is enough.
   */
  String[] value() default {};
}
