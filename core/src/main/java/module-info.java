/** Linux containers as a plain Java library. */
module dev.belljar {
  requires transitive dev.belljar.cgroups;
  requires transitive dev.belljar.linux;
  requires transitive dev.belljar.namespaces;
  requires transitive dev.belljar.rootfs;

  exports dev.belljar;
}
