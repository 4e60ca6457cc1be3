package dev.belljar.cgroups.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.ControlFile;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The files that this machine's groups have are all in the table of coverage. */
@KernelTest
@RequiresRoot
@Tag(CoverageRecord.TAG)
class ControlFileListingTest {
  private static final Set<String> NAMED =
      KnownFile.all().stream().map(KnownFile::name).collect(Collectors.toSet());

  @Test
  void everyFileOfAGroupIsNamedInTheTable() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("kernel " + Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
    Set<String> files = new TreeSet<>();
    for (Hierarchy hierarchy : CgroupLayout.read().hierarchies()) {
      Optional<Subsystem> first = hierarchy.subsystems().stream().findFirst();
      if (hierarchy.version() == CgroupVersion.V2) {
        lines.add("v2 " + Files.readString(file(hierarchy, "cgroup.controllers")).strip());
        try (TestGroup group = TestGroup.v2(handedDown(hierarchy))) {
          addFiles(group.directory(), files);
        }
      } else if (first.isPresent()) {
        hierarchy.subsystems().forEach(each -> lines.add("v1 " + each.v1Name()));
        try (TestGroup group = TestGroup.v1(first.get())) {
          addFiles(group.directory(), files);
        }
      }
    }
    files.forEach(each -> lines.add("group " + each));
    CoverageRecord.write(lines);

    assertThat(NAMED).containsAll(files);
  }

  private static Path file(Hierarchy hierarchy, String name) {
    return hierarchy.mountPoint().resolve(name).toPath();
  }

  /** The controllers that a group below the root may use. */
  private static Subsystem[] handedDown(Hierarchy hierarchy) throws IOException {
    String[] names = Files.readString(file(hierarchy, "cgroup.subtree_control")).split("\\s+");
    return Subsystem.allNamed(CgroupVersion.V2, Arrays.asList(names)).stream()
        .filter(each -> each != Subsystem.PERF_EVENT)
        .toArray(Subsystem[]::new);
  }

  @Test
  void everyFileOfTheRootIsNamedInTheTable() {
    Set<String> files = new TreeSet<>();
    for (Hierarchy hierarchy : CgroupLayout.read().hierarchies()) {
      try (CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint())) {
        addFiles(root, files);
      }
    }
    CoverageRecord.write(files.stream().map(each -> "root " + each).toList());

    assertThat(NAMED).containsAll(files);
  }

  private static void addFiles(CgroupDirectory group, Set<String> files) {
    group.files().stream().map(ControlFile::name).map(KnownFile::tableName).forEach(files::add);
  }
}
