/** Namespaces of Linux: kinds, handles, id maps and the network inside. */
module dev.belljar.namespaces {
  requires transitive dev.belljar.linux;

  exports dev.belljar.namespaces;
  exports dev.belljar.namespaces.attach;
  exports dev.belljar.namespaces.forward;
  exports dev.belljar.namespaces.net;
  exports dev.belljar.namespaces.pool;
  exports dev.belljar.namespaces.inside to
      dev.belljar;
  exports dev.belljar.namespaces.launch to
      dev.belljar;
}
