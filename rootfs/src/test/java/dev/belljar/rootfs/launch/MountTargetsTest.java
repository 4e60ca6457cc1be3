package dev.belljar.rootfs.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.BytePath;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountTargetsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/data",
        "/a/b/c/",
        "//a",
        "/proca",
        "/system",
        "/dev/shm",
        "/proc/cpuinfo",
        "/proc//meminfo",
        "/sys/fs/cgroup",
        "/sys/fs/cgroup/memory",
        "/sys/fs/bpf",
      })
  void whatMayBeMountedOn(String path) {
    assertThat(MountTargets.mistake(BytePath.of(path))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/proc",
        "//proc/",
        "/proc/sys",
        "/proc/self/attr/exec",
        "/proc/1/cpuinfo",
        "/proc/sysrq-trigger",
        "/proc/cpuinfo/x",
        "/sys",
        "/sys/fs",
        "/sys/kernel",
        "/sys/firmware",
      })
  void onlyAFewPathsOfTheKernelMayBeMountedOn(String path) {
    assertThat(MountTargets.mistake(BytePath.of(path)).orElseThrow())
        .startsWith("nothing may be mounted on " + path + ": ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"data", "/", "//", "/a/../b", "/./a", "/.."})
  void whatIsNoTarget(String path) {
    assertThat(MountTargets.mistake(BytePath.of(path))).isPresent();
  }
}
