package dev.belljar.linux.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test class that makes real processes, cgroups, namespaces or mounts. Each of its tests
 * must leave the {@linkplain Machine machine} as it found it, or it fails. Continuous integration
 * runs these classes on other kernels too.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("kernel")
@ExtendWith(LeavesNothingBehind.class)
public @interface KernelTest {}
