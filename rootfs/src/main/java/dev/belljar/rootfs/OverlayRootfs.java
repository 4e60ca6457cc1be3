package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.util.List;

/**
 * Layers of directories as the root; see {@link Rootfs#overlay(Overlay)}.
 *
 * @param overlay the layers
 * @param hidden the paths that are mounted over, in order, each once
 */
public record OverlayRootfs(Overlay overlay, List<BytePath> hidden) implements Rootfs {
  /**
   * Sorts the hidden paths.
   *
   * @throws IllegalArgumentException when one of them cannot be hidden; see {@link #hide(BytePath)}
   */
  public OverlayRootfs {
    hidden = HiddenPaths.checked(hidden);
  }

  @Override
  public OverlayRootfs readOnly() {
    return new OverlayRootfs(overlay.readOnly(), hidden);
  }

  @Override
  public OverlayRootfs hide(BytePath path) {
    return new OverlayRootfs(overlay, HiddenPaths.with(hidden, path));
  }

  @Override
  public OverlayRootfs hide(String path) {
    return hide(BytePath.of(path));
  }
}
