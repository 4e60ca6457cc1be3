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
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.OverlayMount;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The mounts that somebody asked for: binds taken and others made while what they need can still be
 * seen, placed in order once the root has been entered.
 */
final class GivenMounts {
  private static final Set<MountAttribute> BY_DEFAULT =
      EnumSet.of(MountAttribute.NOSUID, MountAttribute.NODEV);

  private static final String END_OF_STAGE = "take the place away where overlays were layered";

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

  /** Takes what is bound, in the mount namespace whose paths its sources are. */
  void takeBinds() {
    for (int i = 0; i < given.size(); i++) {
      if (given.get(i) instanceof BindMount bind) {
        taken[i] = take(bind);
      }
    }
  }

  /** Makes all others. */
  void make() {
    for (int i = 0; i < given.size(); i++) {
      if (given.get(i) instanceof NewMount made && !made.copiesUp()) {
        taken[i] = make(made);
      }
    }
    makeOverlays();
  }

  /** Where overlays are among mounts, in the order in which their layers are taken. */
  static List<Integer> overlays(List<Mount> mounts) {
    return IntStream.range(0, mounts.size())
        .filter(i -> mounts.get(i) instanceof OverlayMount)
        .boxed()
        .sorted(Comparator.comparing(i -> overlay(mounts, i).size().isPresent()))
        .toList();
  }

  static Overlay overlay(List<Mount> mounts, int index) {
    return ((OverlayMount) mounts.get(index)).overlay();
  }

  /**
   * Those without a size of their own come first and share a stage: a file system less for each.
   */
  private void makeOverlays() {
    OverlayStage shared = new OverlayStage(mounts, settings.confined(), trees);
    boolean begun = false;
    for (int i : overlays(given)) {
      Overlay overlay = overlay(given, i);
      String what = "layer an overlay for " + given.get(i).target();
      if (overlay.size().isEmpty() && !begun) {
        shared.begin(what);
        begun = true;
      }
      if (overlay.size().isPresent() && begun) {
        shared.end(END_OF_STAGE);
        begun = false;
      }
      taken[i] =
          overlay.size().isPresent()
              ? new OverlayStage(mounts, settings.confined(), trees).mount(overlay, what)
              : shared.add(overlay, what);
      restrict(taken[i], false, given.get(i).options(), what);
    }
    if (begun) {
      shared.end(END_OF_STAGE);
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
    Variable tree;
    if (bind.ids().isPresent()) {
      tree = trees.next(what);
    } else {
      tree = mounts.descriptor(bind.source().toString());
      StepDraft copy = copy(bind, tree, what);
      if (!bind.recursive()) {
        copy.remedy(
            Errno.EINVAL,
            "something is mounted below it, which only rbind can take along in a user namespace; or"
                + " it is unbindable");
      }
    }
    if (!bind.options().propagation().isEmpty()) { // else it becomes private
      mounts.leavePeerGroups(tree).named(what + ": leave the host's peer groups");
    }
    restrict(tree, true, bind.options(), what); // also what the host has mounted on it meanwhile
    return tree;
  }

  private StepDraft copy(BindMount bind, Variable tree, String what) {
    Argument source = mounts.program().string(bind.source().bytes());
    if (bind.base().isEmpty()) {
      return mounts
          .copy(tree, MountSteps.WORKING_DIRECTORY, source, bind.recursive())
          .named(what)
          .remedy(Errno.ENOENT, "the source must exist on the host");
    }
    BytePath path = bind.base().get();
    Variable base = mounts.descriptor(path.toString());
    mounts
        .openDirectory(base, MountSteps.WORKING_DIRECTORY, mounts.program().string(path.bytes()))
        .named(what + ": open " + path)
        .remedy(Errno.ENOENT, "the base must exist on the host");
    Variable file = mounts.descriptor(bind.source() + " in " + path);
    new Resolution(mounts.program())
        .anything(file, base.value(), source, what + ": look it up in " + path)
        .remedy(Errno.ENOENT, "the source must exist in its base, where links are looked up too");
    return mounts.copy(tree, file, bind.recursive()).named(what);
  }

  private Variable copyUp(NewMount made, Argument root) {
    String what = "mount a copy of " + made.target() + " over it";
    OverlayStage stage = new OverlayStage(mounts, settings.confined(), trees);
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
