package dev.belljar;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.OtherSurroundings;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The tests that are about mounts, once more where mounts propagate the other way. */
@KernelTest
@RequiresRoot
@RequiresTool("unshare")
class OtherSurroundingsTest {
  @TempDir private Path folder;

  /** An emulated machine has its mounts shared, and no time for doing all of it again. */
  @TestFactory
  Stream<DynamicNode> theSameHoldsAmongOtherMounts() {
    Effort.assumeNotEmulated();
    return OtherSurroundings.tests(getClass(), MakesMounts.class, folder);
  }
}
