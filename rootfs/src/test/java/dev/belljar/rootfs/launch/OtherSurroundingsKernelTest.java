package dev.belljar.rootfs.launch;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OtherSurroundings;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** All kernel tests of launches, once more where mounts propagate the other way. */
@KernelTest
@RequiresRoot
@RequiresTool("unshare")
class OtherSurroundingsKernelTest {
  @TempDir private Path folder;

  /** An emulated machine has its mounts shared, and no time for doing all of it again. */
  @TestFactory
  Stream<DynamicNode> theSameHoldsAmongOtherMounts() {
    Effort.assumeNotEmulated();
    return OtherSurroundings.tests(getClass(), KernelTest.class, folder);
  }
}
