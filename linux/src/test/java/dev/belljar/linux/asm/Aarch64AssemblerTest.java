package dev.belljar.linux.asm;

import static dev.belljar.linux.asm.Aarch64Register.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.asm.Aarch64Assembler.Condition;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class Aarch64AssemblerTest {
  private static Encoding<Aarch64Assembler> of(
      String text, String bytes, Consumer<Aarch64Assembler> instruction) {
    return new Encoding<>(text, bytes, instruction);
  }

  /** The bytes are written as the instruction's word, which is how the manual shows it. */
  static List<Encoding<Aarch64Assembler>> encodings() {
    return List.of(
        of("mov x19, x2", "aa0203f3", a -> a.move64(X19, X2)),
        of("mov w20, #0x400", "52808014", a -> a.set32(X20, 0x400)),
        of("mov w0, #0xffff", "529fffe0", a -> a.set32(X0, 0xffff)),
        of("movk w20, #0x41, lsl #16", "72a00834", a -> a.setHigh32(X20, 0x41)),
        of("ldr x10, [sp]", "f94003ea", a -> a.load64(X10, SP, 0)),
        of("ldr x11, [x19, #64]", "f940226b", a -> a.load64(X11, X19, 64)),
        of("ldr x30, [x30, #32760]", "f97fffde", a -> a.load64(X30, X30, 32760)),
        of("ldr w9, [x19, #76]", "b9404e69", a -> a.load32(X9, X19, 76)),
        of("ldrb w9, [x19, #4]", "39401269", a -> a.load8(X9, X19, 4)),
        of("ldp x0, x1, [x19, #16]", "a9410660", a -> a.loadPair64(X0, X1, X19, 16)),
        of("ldp x2, x3, [sp, #-512]", "a9600fe2", a -> a.loadPair64(X2, X3, SP, -512)),
        of("ldr w9, [x12], #4", "b8404589", a -> a.loadAndAdvance32(X9, X12, 4)),
        of("ldr w9, [x12], #-256", "b8500589", a -> a.loadAndAdvance32(X9, X12, -256)),
        of("str x0, [x9]", "f9000120", a -> a.store64(X9, 0, X0)),
        of("str w2, [x9, #8]", "b9000922", a -> a.store32(X9, 8, X2)),
        of("stp w9, w10, [x20, #40]", "29052a89", a -> a.storePair32(X20, 40, X9, X10)),
        of("str x14, [x13], #8", "f80085ae", a -> a.storeAndAdvance64(X13, 8, X14)),
        of("add x9, sp, #0x10", "910043e9", a -> a.add64(X9, SP, 16)),
        of("add x19, x19, #0x50", "91014273", a -> a.add64(X19, X19, 80)),
        of("add x9, x9, x10, lsl #3", "8b0a0d29", a -> a.add64(X9, X9, X10, 3)),
        of("add x9, x0, x1", "8b010009", a -> a.add64(X9, X0, X1, 0)),
        of("subs x11, x11, #0x1", "f100056b", a -> a.subtract64(X11, X11, 1)),
        of("neg x0, x0", "cb0003e0", a -> a.negate64(X0, X0)),
        of("neg w10, w0", "4b0003ea", a -> a.negate32(X10, X0)),
        of("orr w14, w14, w15, lsl #21", "2a0f55ce", a -> a.or32(X14, X14, X15, 21)),
        of("ubfx w15, w9, #8, #7", "5308392f", a -> a.extract32(X15, X9, 8, 7)),
        of("uxtb w8, w8", "53001d08", a -> a.extract32(X8, X8, 0, 8)),
        of("cmp x0, x1", "eb01001f", a -> a.compare64(X0, X1)),
        of("cmp w11, w10", "6b0a017f", a -> a.compare32(X11, X10)),
        of("cmp w8, #0x7", "71001d1f", a -> a.compare32(X8, 7)),
        of("cmn x0, #0xfff", "b13ffc1f", a -> a.compareNegative64(X0, 4095)),
        of("svc #0x0", "d4000001", Aarch64Assembler::systemCall),
        of("ret", "d65f03c0", Aarch64Assembler::giveBack));
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void encodesAsTheManualSays(Encoding<Aarch64Assembler> encoding) {
    byte[] code = Encoding.assembleAll(List.of(encoding), Aarch64Assembler::new);

    assertThat(words(code)).containsExactly(encoding.bytes());
  }

  private static List<String> words(byte[] code) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < code.length; i += 4) {
      byte[] bigEndian = {code[i + 3], code[i + 2], code[i + 1], code[i]};
      words.add(HexFormat.of().formatHex(bigEndian));
    }
    return words;
  }

  @Test
  void objdumpReadsWhatWasMeant() {
    Disassembler objdump = Disassembler.installed(Isa.AARCH64);
    byte[] code = Encoding.assembleAll(encodings(), Aarch64Assembler::new);

    assertThat(objdump.disassemble(code)).isEqualTo(Encoding.texts(encodings()));
  }

  @Test
  void objdumpReadsEveryRegisterAndOffset() {
    Disassembler objdump = Disassembler.installed(Isa.AARCH64);
    List<Encoding<Aarch64Assembler>> all = new ArrayList<>();
    for (Aarch64Register one : Aarch64Register.values()) {
      for (Aarch64Register other : Aarch64Register.values()) {
        if (one != SP) {
          addMemoryAccesses(all, one, other);
        }
        if (one != SP && other != SP) {
          addRegisterPairs(all, one, other);
        }
      }
    }
    byte[] code = Encoding.assembleAll(all, Aarch64Assembler::new);

    assertThat(objdump.disassemble(code)).isEqualTo(Encoding.texts(all));
  }

  private static void addRegisterPairs(
      List<Encoding<Aarch64Assembler>> all, Aarch64Register to, Aarch64Register from) {
    String wide = wide(to) + ", " + wide(from);
    String narrow = narrow(to) + ", " + narrow(from);
    all.add(of("mov " + wide, "", a -> a.move64(to, from)));
    all.add(of("neg " + wide, "", a -> a.negate64(to, from)));
    all.add(of("neg " + narrow, "", a -> a.negate32(to, from)));
    all.add(of("cmp " + wide, "", a -> a.compare64(to, from)));
    all.add(of("cmp " + narrow, "", a -> a.compare32(to, from)));
    all.add(of("add x3, %s, lsl #63".formatted(wide), "", a -> a.add64(X3, to, from, 63)));
    all.add(of("orr w3, %s, lsl #31".formatted(narrow), "", a -> a.or32(X3, to, from, 31)));
    all.add(of("ubfx %s, #30, #1".formatted(narrow), "", a -> a.extract32(to, from, 30, 1)));
    all.add(of("subs %s, #0xfff".formatted(wide), "", a -> a.subtract64(to, from, 4095)));
  }

  private static void addMemoryAccesses(
      List<Encoding<Aarch64Assembler>> all, Aarch64Register register, Aarch64Register base) {
    String wide = wide(register);
    String narrow = narrow(register);
    String at = wide(base);
    Aarch64Register other = register == X7 ? X8 : X7;
    all.add(of("ldr %s, [%s, #8]".formatted(wide, at), "", a -> a.load64(register, base, 8)));
    all.add(
        of("ldr %s, [%s, #16380]".formatted(narrow, at), "", a -> a.load32(register, base, 16380)));
    all.add(
        of("ldrb %s, [%s, #4095]".formatted(narrow, at), "", a -> a.load8(register, base, 4095)));
    all.add(of("str %s, [%s]".formatted(wide, at), "", a -> a.store64(base, 0, register)));
    all.add(of("str %s, [%s, #4]".formatted(narrow, at), "", a -> a.store32(base, 4, register)));
    all.add(
        of(
            "ldp %s, %s, [%s, #504]".formatted(wide, wide(other), at),
            "",
            a -> a.loadPair64(register, other, base, 504)));
    all.add(
        of(
            "stp %s, %s, [%s, #-256]".formatted(narrow, narrow(other), at),
            "",
            a -> a.storePair32(base, -256, register, other)));
    if (register != base) {
      all.add(
          of(
              "ldr %s, [%s], #255".formatted(narrow, at),
              "",
              a -> a.loadAndAdvance32(register, base, 255)));
      all.add(
          of(
              "str %s, [%s], #-256".formatted(wide, at),
              "",
              a -> a.storeAndAdvance64(base, -256, register)));
    }
    all.add(of("add %s, %s, #0xabc".formatted(wide, at), "", a -> a.add64(register, base, 0xabc)));
  }

  private static String wide(Aarch64Register register) {
    return register.name().toLowerCase(Locale.ROOT);
  }

  private static String narrow(Aarch64Register register) {
    return wide(register).replace('x', 'w');
  }

  @ParameterizedTest
  @EnumSource
  void objdumpReadsEveryCondition(Condition condition) {
    Disassembler objdump = Disassembler.installed(Isa.AARCH64);
    String name =
        switch (condition) {
          case EQUAL -> "b.eq";
          case NOT_EQUAL -> "b.ne";
          case ABOVE_OR_EQUAL -> "b.cs";
          case BELOW -> "b.cc";
          case LESS -> "b.lt";
        };
    Aarch64Assembler asm = new Aarch64Assembler();
    Label here = new Label("here");
    asm.place(here);
    asm.jump(condition, here);

    assertThat(objdump.disassemble(asm.toBytes())).containsExactly(name + " 0x0");
  }

  private static Aarch64Assembler allBranches() {
    Aarch64Assembler asm = new Aarch64Assembler();
    Label start = new Label("start");
    Label end = new Label("end");
    asm.place(start);
    asm.jump(end);
    asm.jump(Condition.LESS, end);
    asm.jumpIfZero32(X1, end);
    asm.jumpIfZero64(X2, end);
    asm.jumpIfNotZero32(X3, end);
    asm.jumpIfClear(X4, 63, end);
    asm.jumpIfSet(X5, 31, end);
    asm.place(end);
    asm.jump(start);
    asm.jump(Condition.NOT_EQUAL, start);
    asm.jumpIfZero32(X1, start);
    asm.jumpIfZero64(X2, start);
    asm.jumpIfNotZero32(X3, start);
    asm.jumpIfClear(X4, 63, start);
    asm.jumpIfSet(X5, 31, start);
    return asm;
  }

  @Test
  void branchesReachLabelsBeforeAndBehindThem() {
    assertThat(words(allBranches().toBytes()))
        .containsExactly(
            "14000007",
            "540000cb",
            "340000a1",
            "b4000082",
            "35000063",
            "b6f80044",
            "37f80025",
            "17fffff9",
            "54ffff01",
            "34fffee1",
            "b4fffec2",
            "35fffea3",
            "b6fffe84",
            "37fffe65");
  }

  @Test
  void objdumpReadsBranchesBeforeAndBehind() {
    Disassembler objdump = Disassembler.installed(Isa.AARCH64);

    assertThat(objdump.disassemble(allBranches().toBytes()))
        .containsExactly(
            "b 0x1c",
            "b.lt 0x1c",
            "cbz w1, 0x1c",
            "cbz x2, 0x1c",
            "cbnz w3, 0x1c",
            "tbz x4, #63, 0x1c",
            "tbnz w5, #31, 0x1c",
            "b 0x0",
            "b.ne 0x0",
            "cbz w1, 0x0",
            "cbz x2, 0x0",
            "cbnz w3, 0x0",
            "tbz x4, #63, 0x0",
            "tbnz w5, #31, 0x0");
  }

  @Test
  void testAndBranchReachesLessThan32KiB() {
    assertReach(8191, (asm, label) -> asm.jumpIfSet(X0, 1, label));
  }

  @Test
  void compareAndBranchReachesLessThan1MiB() {
    assertReach(262143, (asm, label) -> asm.jumpIfZero64(X0, label));
  }

  private interface Branch {
    void emit(Aarch64Assembler asm, Label target);
  }

  private static void assertReach(int words, Branch branch) {
    assertThatCode(() -> forward(words, branch)).doesNotThrowAnyException();
    assertThatCode(() -> backward(words + 1, branch)).doesNotThrowAnyException();
    assertThatThrownBy(() -> forward(words + 1, branch))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("distance to end %d is not in %d..%d", words + 1, -words - 1, words);
    assertThatThrownBy(() -> backward(words + 2, branch))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("distance to start %d is not in %d..%d", -words - 2, -words - 1, words);
  }

  private static void forward(int words, Branch branch) {
    Aarch64Assembler asm = new Aarch64Assembler();
    Label end = new Label("end");
    branch.emit(asm, end);
    emitReturns(asm, words - 1);
    asm.place(end);
    asm.toBytes();
  }

  private static void backward(int words, Branch branch) {
    Aarch64Assembler asm = new Aarch64Assembler();
    Label start = new Label("start");
    asm.place(start);
    emitReturns(asm, words);
    branch.emit(asm, start);
    asm.toBytes();
  }

  private static void emitReturns(Aarch64Assembler asm, int count) {
    for (int i = 0; i < count; i++) {
      asm.giveBack();
    }
  }

  @Test
  void operandOutOfRangeIsRefused() {
    Aarch64Assembler asm = new Aarch64Assembler();

    assertRefused(() -> asm.set32(X0, 0x10000), "immediate 65536");
    assertRefused(() -> asm.setHigh32(X0, -1), "immediate -1");
    assertRefused(() -> asm.load64(X0, X1, 12), "offset 12 is not a multiple of 8");
    assertRefused(() -> asm.load64(X0, X1, 32768), "offset 32768");
    assertRefused(() -> asm.load32(X0, X1, -4), "offset -4");
    assertRefused(() -> asm.load8(X0, X1, 4096), "offset 4096");
    assertRefused(() -> asm.store64(X0, -8, X1), "offset -8");
    assertRefused(() -> asm.loadPair64(X0, X1, X2, 512), "offset 512");
    assertRefused(() -> asm.loadPair64(X0, X0, X2, 0), "twice");
    assertRefused(() -> asm.storePair32(X2, -260, X0, X1), "offset -260");
    assertRefused(() -> asm.loadAndAdvance32(X0, X1, 256), "step 256");
    assertRefused(() -> asm.storeAndAdvance64(X1, 8, X1), "at once");
    assertRefused(() -> asm.add64(X0, X1, 4096), "immediate 4096");
    assertRefused(() -> asm.add64(X0, X1, X2, 64), "shift 64");
    assertRefused(() -> asm.subtract64(X0, X1, -1), "immediate -1");
    assertRefused(() -> asm.or32(X0, X1, X2, 32), "shift 32");
    assertRefused(() -> asm.extract32(X0, X1, 30, 3), "width 3");
    assertRefused(() -> asm.compareNegative64(X0, 4096), "immediate 4096");
    assertRefused(() -> asm.jumpIfSet(X0, 64, new Label("far")), "bit 64");
  }

  @Test
  void stackPointerIsRefusedWhereItsNumberWouldMeanZero() {
    Aarch64Assembler asm = new Aarch64Assembler();

    assertRefused(() -> asm.move64(X0, SP), "SP");
    assertRefused(() -> asm.load64(SP, X0, 0), "SP");
    assertRefused(() -> asm.add64(X0, SP, X1, 0), "SP");
    assertRefused(() -> asm.compare64(SP, X0), "SP");
    assertRefused(() -> asm.jumpIfZero64(SP, new Label("end")), "SP");
  }

  private static void assertRefused(Runnable instruction, String what) {
    assertThatThrownBy(instruction::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(what);
  }
}
