package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.NodeCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.rootfs.tree.TreeRemoval;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Walks, copies and removes files of every kind and name, in a JVM of any locale. */
final class ByteNames {
  private static final int SEEK_DATA = 3;
  private static final long HOLE = 1 << 20;
  private static final DeviceNumber NONE = new DeviceNumber(0, 0);

  private ByteNames() {}

  public static void main(String[] arguments) {
    OtherJvm.serve(words -> work(BytePath.of(words.getFirst()), Integer.parseInt(words.getLast())));
  }

  /** Makes files in an upper directory; says what the changes are, and what was made of them. */
  static List<String> work(BytePath folder, int deep) {
    try (Descriptor top = DirectoryCalls.open(Syscall.AT_FDCWD, folder.toString())) {
      for (String name : List.of("lower", "kept", "kept/upper", "copy")) {
        DirectoryCalls.make(top.number(), name, 0755);
      }
      List<String> told = new ArrayList<>();
      Overlay overlay = Overlay.of(List.of(folder.resolve("lower"))).upper(folder.resolve("kept"));
      try (Descriptor upper = DirectoryCalls.open(top.number(), "kept/upper")) {
        fill(upper.number());
        overlay.changes().list().forEach(change -> told.add(hex(change.path().bytes())));
        overlay.changes().applyTo(folder.resolve("copy"));
        try (Descriptor copy = DirectoryCalls.open(top.number(), "copy")) {
          told.addAll(look(copy.number()));
        }
        deepen(upper.number(), deep);
      }
      overlay.changes().applyTo(folder.resolve("copy"));
      told.add("deep " + depth(top.number(), "copy"));
      overlay.delete();
      for (String name : List.of("lower", "kept", "copy")) {
        TreeRemoval.remove(top.number(), name.getBytes(StandardCharsets.UTF_8));
      }
      told.add("left " + DirectoryCalls.list(top.number()).size());
      return told;
    }
  }

  static byte[] longest() {
    byte[] name = new byte[255];
    Arrays.fill(name, (byte) 0xfe);
    return name;
  }

  private static void fill(int upper) {
    for (byte[] name :
        List.of(new byte[] {'a', (byte) 0xff}, new byte[] {'b', '\n', 'c'}, longest())) {
      file(upper, name, "x");
    }
    file(upper, new byte[] {'h', '1'}, "linked");
    NodeCalls.link(upper, new byte[] {'h', '1'}, upper, new byte[] {'h', (byte) 0x80});
    NodeCalls.makeNode(upper, new byte[] {'p'}, FileDetails.FIFO | 0644, NONE);
    NodeCalls.makeNode(upper, new byte[] {'s'}, FileDetails.SOCKET | 0644, NONE);
    NodeCalls.symlink(new byte[] {'/', (byte) 0xff}, upper, new byte[] {'l'});
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT;
    try (Descriptor sparse = FileCalls.open(upper, new byte[] {'z'}, flags, 0600)) {
      Syscall.call(SyscallNumber.LSEEK, sparse.number(), HOLE, 0);
      FileCalls.write(sparse.number(), new byte[] {1});
    }
  }

  private static void file(int dirfd, byte[] name, String text) {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
    try (Descriptor file = FileCalls.open(dirfd, name, flags, 0600)) {
      FileCalls.write(file.number(), text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static List<String> look(int copy) {
    List<String> told = new ArrayList<>();
    told.add(
        DirectoryCalls.list(copy).stream()
            .map(entry -> hex(entry.name()))
            .sorted()
            .collect(Collectors.joining(",")));
    FileDetails one = FileDetails.of(copy, new byte[] {'h', '1'}).orElseThrow();
    FileDetails other = FileDetails.of(copy, new byte[] {'h', (byte) 0x80}).orElseThrow();
    told.add("linked " + (one.inode() == other.inode() && one.links() == 2));
    told.add("target " + hex(NodeCalls.readLink(copy, new byte[] {'l'})));
    for (byte[] name : List.of(new byte[] {'p'}, new byte[] {'s'})) {
      told.add(Integer.toOctalString(FileDetails.of(copy, name).orElseThrow().mode()));
    }
    try (Descriptor sparse = FileCalls.open(copy, new byte[] {'z'}, OpenFlags.O_RDONLY, 0)) {
      long data = Syscall.call(SyscallNumber.LSEEK, sparse.number(), 0, SEEK_DATA);
      long size = FileDetails.of(copy, new byte[] {'z'}).orElseThrow().size();
      told.add("sparse " + (size == HOLE + 1 && data > 0));
    }
    return told;
  }

  private static void deepen(int upper, int deep) {
    Descriptor here = FileCalls.duplicate(upper);
    try {
      for (int i = 0; i < deep; i++) {
        DirectoryCalls.make(here.number(), "d", 0755);
        Descriptor below = DirectoryCalls.open(here.number(), "d");
        here.close();
        here = below;
      }
    } finally {
      here.close();
    }
  }

  private static int depth(int top, String name) {
    Descriptor here = DirectoryCalls.open(top, name);
    int depth = 0;
    try {
      while (FileDetails.of(here.number(), new byte[] {'d'}).isPresent()) {
        Descriptor below = DirectoryCalls.open(here.number(), "d");
        here.close();
        here = below;
        depth++;
      }
      return depth;
    } finally {
      here.close();
    }
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
