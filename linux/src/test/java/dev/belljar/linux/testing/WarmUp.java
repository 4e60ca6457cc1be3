package dev.belljar.linux.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a static method without parameters of a {@link KernelTest} that runs before anything is
 * compared, once for each class. It makes what the library keeps after its first use: threads, an
 * epoll descriptor, a sealed memfd.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface WarmUp {}
