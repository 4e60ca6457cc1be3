package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.bpf.BpfAssembler;
import dev.belljar.cgroups.bpf.BpfInstruction;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Device rules as a BPF program, which is asked at each opening of a device and each mknod.
 *
 * <p>It is given {@code struct bpf_cgroup_dev_ctx} of {@code <linux/bpf.h>}: the accesses in the
 * upper and the kind in the lower half of a word, then major and minor. It goes through the rules
 * from the last to the first, for each access apart: a register that changed from rule to rule
 * would have the verifier look at every rule once for each of its values.
 */
final class DeviceProgram {
  private static final int CONTEXT = 1;
  private static final int ACCESS = 2;
  private static final int KIND = 3;
  private static final int MAJOR = 4;
  private static final int MINOR = 5;
  private static final int ALLOW = 1;
  private static final int DENY = 0;
  private static final int EXIT = 2; // instructions
  private static final int TAG = 8; // bytes

  private DeviceProgram() {}

  static List<BpfInstruction> of(DeviceRules rules) {
    BpfAssembler program = new BpfAssembler();
    program
        .loadWord(ACCESS, CONTEXT, 0)
        .loadWord(MAJOR, CONTEXT, 4)
        .loadWord(MINOR, CONTEXT, 8)
        .moveRegister(KIND, ACCESS)
        .and(KIND, 0xffff)
        .shiftRight(ACCESS, 16);
    List<DeviceRule> effective = rules.fromLastReset().reversed();
    for (DeviceAccess access : DeviceAccess.values()) {
      decide(
          program,
          access,
          effective.stream().filter(rule -> rule.access().contains(access)).toList());
    }
    return program.exit(ALLOW).instructions(); // nothing asked, or all of it allowed
  }

  /** Ends the program when an access is asked for and denied. */
  private static void decide(
      BpfAssembler program, DeviceAccess access, List<DeviceRule> lastToFirst) {
    boolean otherwise =
        !lastToFirst.isEmpty()
            && lastToFirst.getLast().kind() == DeviceKind.ALL
            && lastToFirst.getLast().allowed();
    List<DeviceRule> rules =
        lastToFirst.stream().filter(rule -> rule.kind() != DeviceKind.ALL).toList();
    int left =
        rules.stream().mapToInt(DeviceProgram::size).sum() + (otherwise ? 0 : EXIT); // to the end
    program.jumpAnyBit(ACCESS, access.bit(), 1).jump(left);
    for (DeviceRule rule : rules) {
      left -= size(rule);
      addRule(program, rule, left);
    }
    if (!otherwise) {
      program.exit(DENY);
    }
  }

  private static void addRule(BpfAssembler program, DeviceRule rule, int left) {
    int over = size(rule);
    program.jumpUnequal(KIND, rule.kind().number(), --over);
    if (rule.major().isPresent()) {
      program.jumpUnequal(MAJOR, rule.major().getAsInt(), --over);
    }
    if (rule.minor().isPresent()) {
      program.jumpUnequal(MINOR, rule.minor().getAsInt(), --over);
    }
    if (rule.allowed()) {
      program.jump(left);
    } else {
      program.exit(DENY);
    }
  }

  /** How many instructions a rule takes. */
  private static int size(DeviceRule rule) {
    return 1
        + (rule.major().isPresent() ? 1 : 0)
        + (rule.minor().isPresent() ? 1 : 0)
        + (rule.allowed() ? 1 : EXIT);
  }

  /**
   * The tags that kernels may give the program: a digest of it, SHA-1 until Linux 6.17 and SHA-256
   * since.
   */
  static Set<String> tags(List<BpfInstruction> program) {
    byte[] code = BpfAssembler.encode(program);
    return Stream.of("SHA-1", "SHA-256")
        .map(digest -> tag(digest, code))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static String tag(String algorithm, byte[] code) {
    try {
      byte[] digest = MessageDigest.getInstance(algorithm).digest(code);
      return HexFormat.of().formatHex(Arrays.copyOf(digest, TAG));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has " + algorithm, e);
    }
  }
}
