package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;

/**
 * Layers of directories, seen as one; see {@link Mount#overlay}.
 *
 * @param overlay the layers
 * @param target the absolute path in the container
 * @param options how it is mounted
 */
public record OverlayMount(Overlay overlay, BytePath target, MountOptions options)
    implements Mount {
  /**
   * Makes a mount.
   *
   * @throws IllegalArgumentException when the target is relative or the root directory, or an
   *     option is the file system's: those follow from the layers
   */
  public OverlayMount {
    MountPaths.requireTarget(target);
    if (!options.data().isEmpty()) {
      throw new IllegalArgumentException(
          "the options of an overlay follow from its layers; not " + options.data());
    }
  }

  @Override
  public OverlayMount withOptions(MountOptions replacement) {
    return new OverlayMount(overlay, target, replacement);
  }

  @Override
  public OverlayMount option(String option) {
    return withOptions(options.with(option));
  }

  @Override
  public OverlayMount readOnly() {
    return withOptions(options.with(MountAttribute.RDONLY));
  }
}
