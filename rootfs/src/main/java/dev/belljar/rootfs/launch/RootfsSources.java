package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.MountCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.RootedCalls;
import dev.belljar.rootfs.BindMount;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.EmptyRootfs;
import dev.belljar.rootfs.HostRootfs;
import dev.belljar.rootfs.InputTree;
import dev.belljar.rootfs.KeptRootfs;
import dev.belljar.rootfs.KeptTree;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.MountIds;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.OverlayRootfs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What the JVM makes for a start and hands over: detached trees of mounts that only somebody
 * outside the container's namespaces can make.
 */
public final class RootfsSources implements AutoCloseable {
  private final List<Descriptor> trees = new ArrayList<>();
  private final List<AutoCloseable> kept = new ArrayList<>();

  private RootfsSources() {}

  /**
   * Makes what a program asks for.
   *
   * @param request what was asked for, without mistakes
   * @param userNamespaces gives an open user namespace with the ids of a mount; it is closed here
   * @return the trees, to be closed once the container has started
   * @throws LinuxException when one cannot be made; nothing is left
   */
  public static RootfsSources open(
      RootfsRequest request, Function<MountIds, Descriptor> userNamespaces) {
    RootfsSources sources = new RootfsSources();
    try {
      for (Mount mount : request.mounts()) {
        if (mount instanceof BindMount bind && bind.ids().isPresent()) {
          sources.add(copy(bind), bind.source(), bind.ids().get(), userNamespaces);
        }
      }
      for (int i : GivenMounts.overlays(request.mounts())) {
        sources.add(GivenMounts.overlay(request.mounts(), i), userNamespaces);
      }
      switch (request.rootfs()) {
        case KeptRootfs kept -> sources.trees.add(kept.tree().copyOfMount());
        case EmptyRootfs empty -> empty.tree().ifPresent(sources::make);
        case OverlayRootfs layers -> sources.add(layers.overlay(), userNamespaces);
        case HostRootfs _, DirectoryRootfs _ -> {}
      }
      return sources;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, sources);
      throw failure;
    }
  }

  private void make(InputTree tree) {
    KeptTree made = tree.keep();
    kept.add(made);
    trees.add(made.copyOfMount());
  }

  /**
   * Hands over what has to be there until the container ends, so that its end does not wait until
   * the memory of its files is freed.
   *
   * @return what is then to be closed by the caller
   */
  public List<AutoCloseable> takeKept() {
    List<AutoCloseable> taken = List.copyOf(kept);
    kept.clear();
    return taken;
  }

  private void add(Overlay overlay, Function<MountIds, Descriptor> userNamespaces) {
    if (overlay.ids().isPresent()) {
      for (BytePath layer : OverlayStage.layers(overlay)) {
        add(copy(layer), layer, overlay.ids().get(), userNamespaces);
      }
    }
  }

  private void add(
      Descriptor tree,
      BytePath source,
      MountIds ids,
      Function<MountIds, Descriptor> userNamespaces) {
    trees.add(tree);
    try (Descriptor namespace = userNamespaces.apply(ids)) {
      MountCalls.mapIds(tree.number(), namespace.number());
    } catch (LinuxException e) {
      LinuxException told = e.doing("mapping the owners of " + source);
      throw e.is(Errno.EINVAL)
          ? told.withRemedy(
              "its file system cannot on this kernel (tmpfs can since Linux 6.3, an overlay only"
                  + " by its layers), or it is mapped already")
          : told;
    }
  }

  /** Copies the mount of a layer, whose owners are to be mapped, into a detached one. */
  static Descriptor copy(BytePath layer) {
    return MountCalls.copy(layer.bytes(), false);
  }

  /** Copies the mounts of a source, whose owners are to be mapped, into a detached tree. */
  static Descriptor copy(BindMount bind) {
    byte[] source = bind.source().bytes();
    if (bind.base().isEmpty()) {
      return MountCalls.copy(source, bind.recursive());
    }
    try (Descriptor file = RootedCalls.open(bind.base().get().bytes(), source, OpenFlags.O_PATH)) {
      return MountCalls.copy(file, bind.recursive());
    }
  }

  /**
   * Returns the descriptor of a tree.
   *
   * @param index which the program asks for, from 0
   */
  public Descriptor tree(int index) {
    return trees.get(index);
  }

  @Override
  public void close() {
    List<AutoCloseable> all = new ArrayList<>(trees);
    all.addAll(kept);
    Closing.all(all);
  }
}
