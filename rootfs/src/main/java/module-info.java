/** What a container sees as its root directory. */
module dev.belljar.rootfs {
  requires transitive dev.belljar.linux;

  exports dev.belljar.rootfs;
  exports dev.belljar.rootfs.launch to
      dev.belljar;
}
