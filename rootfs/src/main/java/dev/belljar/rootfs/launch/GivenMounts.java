package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.ByteString;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.rootfs.BindMount;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.MountAttribute;
import dev.belljar.rootfs.MountOptions;
import dev.belljar.rootfs.NewMount;
import dev.belljar.rootfs.OverlayMount;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The mounts that somebody asked for: taken or made while the host can still be seen, placed in
 * order once the root has been entered.
 */
final class GivenMounts {
  private static final Set<MountAttribute> BY_DEFAULT =
      EnumSet.of(MountAttribute.NOSUID, MountAttribute.NODEV);

  private final MountSteps mounts;
  private final RootfsSettings settings;
  private final List<Mount> given;
  private final JvmTrees trees;
  private final Variable[] taken;

  GivenMounts(MountSteps mounts, RootfsSettings settings, List<Mount> given, JvmTrees trees) {
    this.mounts = mounts;
    this.settings = settings;
    this.given = given.stream().filter(mount -> !isKernelFiles(mount)).toList();
    this.trees = trees;
    this.taken = new Variable[this.given.size()];
  }

  /** Whether a mount only says how the container's own /proc or /sys is made. */
  static boolean isKernelFiles(Mount mount) {
    return mount instanceof NewMount made
        && (made.type().equals("proc") && isAt(made, "/proc")
            || made.type().equals("sysfs") && isAt(made, "/sys"));
  }

  static boolean isAt(Mount mount, String path) {
    return mount.target().components().equals(BytePath.of(path).components());
  }

  void take() {
    for (int i = 0; i < given.size(); i++) {
      switch (given.get(i)) {
        case BindMount bind -> taken[i] = take(bind);
        case NewMount made -> {
          if (!made.copiesUp()) {
            taken[i] = make(made);
          }
        }
        case OverlayMount _ -> {}
      }
    }
    takeOverlays();
  }

  /** Those without a size of their own share a stage: a file system less for each. */
  private void takeOverlays() {
    OverlayStage shared = new OverlayStage(mounts, settings.confined());
    boolean begun = false;
    for (int i = 0; i < given.size(); i++) {
      if (given.get(i) instanceof OverlayMount overlay) {
        String what = "layer an overlay for " + overlay.target();
        if (overlay.overlay().size().isPresent()) {
          continue;
        }
        if (!begun) {
          shared.begin(what);
          begun = true;
        }
        taken[i] = shared.add(overlay.overlay(), what);
        restrict(taken[i], false, overlay.options(), what);
      }
    }
    if (begun) {
      shared.end("take the place away where overlays were layered");
    }
    for (int i = 0; i < given.size(); i++) {
      if (given.get(i) instanceof OverlayMount overlay && overlay.overlay().size().isPresent()) {
        String what = "layer an overlay for " + overlay.target();
        taken[i] = new OverlayStage(mounts, settings.confined()).mount(overlay.overlay(), what);
        restrict(taken[i], false, overlay.options(), what);
      }
    }
  }

  void place(MountTargets targets, Argument root) {
    for (int i = 0; i < given.size(); i++) {
      Mount mount = given.get(i);
      MountTargets.Kind kind =
          mount instanceof BindMount ? MountTargets.Kind.LIKE_SOURCE : MountTargets.Kind.DIRECTORY;
      Variable tree =
          mount instanceof NewMount made && made.copiesUp() ? copyUp(made, root) : taken[i];
      targets.place(tree, mount.target(), kind, true);
    }
  }

  private Variable take(BindMount bind) {
    String what = "take " + bind.source() + " for " + bind.target();
    if (bind.ids().isPresent()) {
      Variable tree = trees.next(what);
      restrict(tree, bind.recursive(), bind.options(), what);
      return tree;
    }
    Variable tree = mounts.descriptor(bind.source().toString());
    StepDraft copy =
        mounts
            .copy(
                tree,
                MountSteps.WORKING_DIRECTORY,
                mounts.program().string(bind.source().bytes()),
                bind.recursive())
            .named(what)
            .remedy(Errno.ENOENT, "the source must exist on the host");
    if (!bind.recursive()) {
      copy.remedy(
          Errno.EINVAL,
          "something is mounted below it, which only rbind can take along in a user namespace; or"
              + " it is unbindable");
    }
    restrict(tree, bind.recursive(), bind.options(), what);
    return tree;
  }

  private Variable copyUp(NewMount made, Argument root) {
    String what = "mount a copy of " + made.target() + " over it";
    OverlayStage stage = new OverlayStage(mounts, settings.confined());
    Variable tree = stage.copyUp(made, root, what);
    restrict(tree, false, made.options(), what);
    return tree;
  }

  private Variable make(NewMount made) {
    String what = "make a new " + made.type() + " for " + made.target();
    Variable mount = mounts.descriptor(made.type());
    StepDraft last = mounts.make(mount, fileSystem(made), what);
    last.remedy(Errno.EPERM, refusal(made));
    if (!made.options().propagation().isEmpty()) {
      restrict(mount, false, made.options(), what);
    }
    return mount;
  }

  private String refusal(NewMount made) {
    return switch (made.type()) {
      case "proc", "sysfs" ->
          KernelFiles.tooRevealing("/" + made.type().substring(0, 3), settings.confined());
      default -> "this user may not mount the type " + made.type();
    };
  }

  static FileSystem fileSystem(NewMount made) {
    FileSystem fileSystem = new FileSystem(made.type(), List.of(), attributes(made.options()));
    boolean isDevice = made.source().length() > 0 && made.source().bytes()[0] == '/';
    if (!made.source().isEmpty()) {
      fileSystem = fileSystem.option(bytes("source"), made.source().bytes());
    }
    if (isDevice && made.options().set().contains(MountAttribute.RDONLY)) {
      fileSystem = fileSystem.option("ro", FileSystem.Option.FLAG);
    }
    for (ByteString word : made.options().data()) {
      if (!word.equals(ByteString.of("tmpcopyup"))) {
        fileSystem = option(fileSystem, word.bytes());
      }
    }
    return fileSystem;
  }

  private static FileSystem option(FileSystem fileSystem, byte[] word) {
    for (int i = 0; i < word.length; i++) {
      if (word[i] == '=') {
        return fileSystem.option(
            Arrays.copyOf(word, i), Arrays.copyOfRange(word, i + 1, word.length));
      }
    }
    return fileSystem.option(word, new byte[0]);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What a mount forbids: set-user-ID programs and devices unless its options say otherwise. */
  static Set<MountAttribute> attributes(MountOptions options) {
    Set<MountAttribute> all = EnumSet.copyOf(BY_DEFAULT);
    all.removeAll(options.cleared());
    all.addAll(options.set());
    return all;
  }

  private void restrict(Variable tree, boolean recursive, MountOptions options, String what) {
    mounts
        .restrict(tree, recursive, attributes(options), options.cleared(), options.propagation())
        .forEach(step ->
            step.named(what)
                .remedy(
                    Errno.EPERM,
                    "a restriction that the host's mount has cannot be taken off in a user"
                        + " namespace"));
  }
}
