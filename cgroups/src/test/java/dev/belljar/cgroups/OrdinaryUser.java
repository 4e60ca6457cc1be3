package dev.belljar.cgroups;

import dev.belljar.linux.Finding;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** Root's thread that is an ordinary user for a while; the kernel knows users by thread. */
final class OrdinaryUser {
  private static final int NOBODY = 65534;
  private static final int SAME = -1;

  private OrdinaryUser() {}

  static <T> T call(Callable<T> action) throws Exception {
    loadClasses(Cgroup.class);
    loadClasses(Finding.class);
    become(NOBODY);
    try {
      return action.call();
    } finally {
      become(0); // which the real user id, still root's, allows
      // Who has changed users is not dumpable any more, and its /proc would not be its own.
      Syscall.call(SyscallNumber.PRCTL, Uapi.PR_SET_DUMPABLE(), 1, 0, 0, 0);
    }
  }

  private static void become(int user) {
    long result = Syscall.call(SyscallNumber.SETRESUID, SAME, user, SAME);
    if (result != 0) {
      throw new IllegalStateException("setresuid: " + result);
    }
  }

  /** The user may not be able to read the class files. */
  private static void loadClasses(Class<?> besides) throws Exception {
    Path classes = Path.of(besides.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (!Files.isDirectory(classes)) {
      return;
    }
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        load(classes.relativize(file).toString());
      }
    }
  }

  private static void load(String file) throws IOException, ClassNotFoundException {
    if (!file.endsWith("-info.class") && !file.contains("/uapi/")) { // which are many
      Class.forName(file.substring(0, file.length() - ".class".length()).replace('/', '.'));
    }
  }
}
