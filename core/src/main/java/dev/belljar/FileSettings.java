package dev.belljar;

import dev.belljar.cgroups.controller.DeviceAccess;
import dev.belljar.rootfs.Device;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.ProcFallback;
import dev.belljar.rootfs.Rootfs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a container sees of files, as its builder takes it.
 *
 * <p>All of it needs an own MOUNT namespace, which a container has by default.
 *
 * @param <B> the builder
 */
public abstract sealed class FileSettings<B extends FileSettings<B>> extends LimitSettings<B>
    permits NamespaceSettings {
  Optional<Rootfs> rootfs = Optional.empty();
  List<Mount> mounts = List.of();
  final Map<String, String> sysctls = new TreeMap<>();
  Optional<String> workingDirectory = Optional.empty();
  boolean makeDirectories;
  ProcFallback procFallback = ProcFallback.FAIL;
  List<UsableDevice> devices = List.of();
  boolean plainChroot;

  FileSettings() {}

  /**
   * Sets what the container sees as {@code /}; {@link Rootfs#host()} by default.
   *
   * @param source the source
   * @return this builder
   */
  public B rootfs(Rootfs source) {
    rootfs = Optional.of(source);
    return self();
  }

  /**
   * Adds mounts, made in the order in which they are added, after the container's own {@code
   * /proc}, {@code /sys}, {@code /dev} and {@code /tmp}. A new proc at {@code /proc} or sysfs at
   * {@code /sys} only says with which options the container's own is made.
   *
   * <p>What the host's files do not allow is an error at the start, which names the mount.
   *
   * @param more the mounts
   * @return this builder
   */
  public B mount(Mount... more) {
    return mount(Arrays.asList(more));
  }

  /**
   * Adds mounts; see {@link #mount(Mount...)}.
   *
   * @param more the mounts
   * @return this builder
   */
  public B mount(List<? extends Mount> more) {
    List<Mount> all = new ArrayList<>(mounts);
    all.addAll(more);
    mounts = List.copyOf(all);
    return self();
  }

  /**
   * Sets a setting of the kernel for the container's namespaces. Those of {@code net} need an own
   * NET, those of System V IPC and message queues an own IPC namespace; others would change the
   * whole machine, and are refused.
   *
   * @param name its name, such as {@code net.ipv4.ip_forward}
   * @param value its value, as text
   * @return this builder
   * @see <a href="https://docs.kernel.org/admin-guide/sysctl/">sysctl</a>
   */
  public B sysctl(String name, String value) {
    sysctls.put(name, value);
    return self();
  }

  /**
   * Sets the directory the command starts in; {@code /} by default.
   *
   * @param path an absolute path inside the container, which must exist there unless {@link
   *     #makeDirectories} is called
   * @return this builder
   */
  public B workingDirectory(String path) {
    workingDirectory = Optional.of(path);
    return self();
  }

  /**
   * Makes the working directory and the one that HOME names where they are missing, with those on
   * the way; they belong to the command's user. Where the root file system is read-only they can
   * only be made on what is mounted in it.
   *
   * @return this builder
   */
  public B makeDirectories() {
    makeDirectories = true;
    return self();
  }

  /**
   * Says what happens where the kernel makes no new {@code /proc}; the start fails by default.
   *
   * @param fallback what happens
   * @return this builder
   */
  public B procFallback(ProcFallback fallback) {
    procFallback = fallback;
    return self();
  }

  /**
   * Adds a device to the container's {@code /dev}, which may be read and written inside, whatever
   * {@link #devices} says. Whether the device itself is there is found out by who opens it.
   *
   * @param device the device
   * @return this builder
   */
  public B device(Device device) {
    return device(device, DeviceAccess.READ, DeviceAccess.WRITE);
  }

  /**
   * Adds a device to the container's {@code /dev}, and limits how it may be opened by its number,
   * at whichever path. That takes a control group which limits devices; unless {@link #devices}
   * says otherwise, all that can be opened then is what is in {@code /dev}.
   *
   * @param device the device
   * @param access what is allowed: {@link DeviceAccess#READ}, {@link DeviceAccess#WRITE} or both.
   *     Nodes may be made as {@link #devices} says
   * @return this builder
   */
  public B device(Device device, DeviceAccess... access) {
    List<UsableDevice> all = new ArrayList<>(devices);
    all.add(new UsableDevice(device, Set.of(access)));
    devices = List.copyOf(all);
    return self();
  }

  /**
   * Makes the root the container's by chroot(2) alone, where pivot_root(2) cannot be used, such as
   * under a filter of system calls. The host's root stays in the container's mount namespace, below
   * its own, so the command does not get CAP_SYS_CHROOT unless it is {@linkplain
   * ContainerBuilder#privileged privileged}.
   *
   * <p>It need not be called where the host's root is an initramfs, which pivot_root(2) refuses:
   * there it is done in any case.
   *
   * @return this builder
   * @see <a href="https://man7.org/linux/man-pages/man2/chroot.2.html">chroot(2)</a>
   */
  public B plainChroot() {
    plainChroot = true;
    return self();
  }
}
