/** The Linux kernel as Java: system calls, errors, descriptors, signals, and starting processes. */
module dev.belljar.linux {
  exports dev.belljar.linux;
  exports dev.belljar.linux.call to
      dev.belljar,
      dev.belljar.cgroups,
      dev.belljar.namespaces,
      dev.belljar.rootfs;
  exports dev.belljar.linux.event to
      dev.belljar,
      dev.belljar.cgroups,
      dev.belljar.namespaces,
      dev.belljar.rootfs;
  exports dev.belljar.linux.launch to
      dev.belljar,
      dev.belljar.cgroups,
      dev.belljar.namespaces,
      dev.belljar.rootfs;
  exports dev.belljar.linux.netlink to
      dev.belljar,
      dev.belljar.namespaces;
  exports dev.belljar.linux.syscall to
      dev.belljar,
      dev.belljar.cgroups,
      dev.belljar.namespaces,
      dev.belljar.rootfs;
  exports dev.belljar.linux.uapi to
      dev.belljar,
      dev.belljar.cgroups,
      dev.belljar.namespaces,
      dev.belljar.rootfs;
}
