package dev.belljar.namespaces;

/** Keeps the package from being empty until its first type is there; then delete it. */
final class Placeholder {
  private Placeholder() {}
}
