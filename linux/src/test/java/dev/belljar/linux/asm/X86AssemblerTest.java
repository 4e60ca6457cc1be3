package dev.belljar.linux.asm;

import static dev.belljar.linux.asm.X86Register.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.asm.X86Assembler.Condition;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class X86AssemblerTest {
  private static final int[] DISPLACEMENTS = {-128, -1, 0, 1, 80, 127};

  private static Encoding<X86Assembler> of(
      String text, String bytes, Consumer<X86Assembler> instruction) {
    return new Encoding<>(text, bytes, instruction);
  }

  static List<Encoding<X86Assembler>> encodings() {
    return List.of(
        of("mov rbx,rdx", "4889d3", a -> a.move64(RBX, RDX)),
        of("mov r9,rdi", "4989f9", a -> a.move64(R9, RDI)),
        of("mov rdi,QWORD PTR [rbx+0x10]", "488b7b10", a -> a.load64(RDI, RBX, 16)),
        of("mov r10,QWORD PTR [r10]", "4d8b12", a -> a.load64(R10, R10, 0)),
        of("mov rcx,QWORD PTR [rsp]", "488b0c24", a -> a.load64(RCX, RSP, 0)),
        of("mov rsi,QWORD PTR [r12-0x8]", "498b7424f8", a -> a.load64(RSI, R12, -8)),
        of("mov rax,QWORD PTR [r13+0x0]", "498b4500", a -> a.load64(RAX, R13, 0)),
        of("mov eax,DWORD PTR [rbx]", "8b03", a -> a.load32(RAX, RBX, 0)),
        of("mov r8d,DWORD PTR [r9+0x20]", "458b4120", a -> a.load32(R8, R9, 32)),
        of("movzx ecx,BYTE PTR [rbx+0x4]", "0fb64b04", a -> a.load8(RCX, RBX, 4)),
        of("movzx r11d,BYTE PTR [r11]", "450fb61b", a -> a.load8(R11, R11, 0)),
        of("mov QWORD PTR [rbp+0x0],rax", "48894500", a -> a.store64(RBP, 0, RAX)),
        of("mov DWORD PTR [rcx],edx", "8911", a -> a.store32(RCX, 0, RDX)),
        of("mov ebp,0x410400", "bd00044100", a -> a.set32(RBP, 0x410400)),
        of("mov r10d,0xffffffff", "41baffffffff", a -> a.set32(R10, -1)),
        of("lea rax,[rsp+0x10]", "488d442410", a -> a.address64(RAX, RSP, 16)),
        of("lea rax,[rsp+rcx*8+0x10]", "488d44cc10", a -> a.address64(RAX, RSP, RCX, 8, 16)),
        of("lea rcx,[rdi+rsi*1+0x0]", "488d4c3700", a -> a.address64(RCX, RDI, RSI, 1, 0)),
        of("lea r10,[r8+r10*4-0x80]", "4f8d549080", a -> a.address64(R10, R8, R10, 4, -128)),
        of("movzx edx,ax", "0fb7d0", a -> a.zeroExtend16(RDX, RAX)),
        of("lods eax,DWORD PTR ds:[rsi]", "ad", X86Assembler::loadString32),
        of("stos QWORD PTR es:[rdi],rax", "48ab", X86Assembler::storeString64),
        of("add rbx,rcx", "4801cb", a -> a.add64(RBX, RCX)),
        of("add rbx,0x50", "4883c350", a -> a.add64(RBX, 80)),
        of("add r8,0xffffffffffffff80", "4983c080", a -> a.add64(R8, -128)),
        of("and eax,0x7f007f00", "81e0007f007f", a -> a.and32(RAX, 0x7f007f00)),
        of("or eax,edx", "09d0", a -> a.or32(RAX, RDX)),
        of("xor edx,edx", "31d2", a -> a.xor32(RDX, RDX)),
        of("sub eax,edx", "29d0", a -> a.subtract32(RAX, RDX)),
        of("shr ecx,0x1", "c1e901", a -> a.shiftRight32(RCX, 1)),
        of("shr r15d,0x1f", "41c1ef1f", a -> a.shiftRight32(R15, 31)),
        of("neg rax", "48f7d8", a -> a.negate64(RAX)),
        of("neg edx", "f7da", a -> a.negate32(RDX)),
        of("cmp rdi,rsi", "4839f7", a -> a.compare64(RDI, RSI)),
        of("cmp esi,edx", "39d6", a -> a.compare32(RSI, RDX)),
        of("cmp rax,0xfffffffffffff001", "4881f801f0ffff", a -> a.compare64(RAX, -4095)),
        of("cmp rax,QWORD PTR [rbx+0x40]", "483b4340", a -> a.compare64(RAX, RBX, 64)),
        of("cmp BYTE PTR [rbx+0x5],0x2", "807b0502", a -> a.compare8(RBX, 5, 2)),
        of("cmp al,0x7", "3c07", a -> a.compareAl(7)),
        of("test rax,rax", "4885c0", a -> a.test64(RAX, RAX)),
        of("test ecx,ecx", "85c9", a -> a.test32(RCX, RCX)),
        of("syscall", "0f05", X86Assembler::systemCall),
        of("ret", "c3", X86Assembler::giveBack));
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void encodesAsTheManualSays(Encoding<X86Assembler> encoding) {
    byte[] code = Encoding.assembleAll(List.of(encoding), X86Assembler::new);

    assertThat(HexFormat.of().formatHex(code)).isEqualTo(encoding.bytes());
  }

  @Test
  void objdumpReadsWhatWasMeant() {
    Disassembler objdump = Disassembler.installed(Isa.X86_64);
    byte[] code = Encoding.assembleAll(encodings(), X86Assembler::new);

    assertThat(objdump.disassemble(code)).isEqualTo(Encoding.texts(encodings()));
  }

  @Test
  void objdumpReadsEveryRegisterAndDisplacement() {
    Disassembler objdump = Disassembler.installed(Isa.X86_64);
    List<Encoding<X86Assembler>> all = new ArrayList<>();
    for (X86Register one : X86Register.values()) {
      all.add(of("mov %s,0x123".formatted(name32(one)), "", a -> a.set32(one, 0x123)));
      all.add(of("add %s,0x4".formatted(name64(one)), "", a -> a.add64(one, 4)));
      all.add(of("neg %s".formatted(name64(one)), "", a -> a.negate64(one)));
      for (X86Register other : X86Register.values()) {
        addRegisterPairs(all, one, other);
        for (int displacement : DISPLACEMENTS) {
          addMemoryAccesses(all, one, other, displacement);
        }
      }
    }
    byte[] code = Encoding.assembleAll(all, X86Assembler::new);

    assertThat(objdump.disassemble(code)).isEqualTo(Encoding.texts(all));
  }

  private static void addRegisterPairs(
      List<Encoding<X86Assembler>> all, X86Register to, X86Register from) {
    String wide = name64(to) + "," + name64(from);
    String narrow = name32(to) + "," + name32(from);
    all.add(of("mov " + wide, "", a -> a.move64(to, from)));
    all.add(of("add " + wide, "", a -> a.add64(to, from)));
    all.add(of("cmp " + wide, "", a -> a.compare64(to, from)));
    all.add(of("test " + wide, "", a -> a.test64(to, from)));
    all.add(of("cmp " + narrow, "", a -> a.compare32(to, from)));
    all.add(of("test " + narrow, "", a -> a.test32(to, from)));
    all.add(of("or " + narrow, "", a -> a.or32(to, from)));
    all.add(of("xor " + narrow, "", a -> a.xor32(to, from)));
    all.add(of("sub " + narrow, "", a -> a.subtract32(to, from)));
    if (from != RSP) {
      all.add(
          of(
              "lea %s,[%s+%s*2+0x7f]".formatted(name64(to), name64(to), name64(from)),
              "",
              a -> a.address64(to, to, from, 2, 127)));
    }
  }

  private static void addMemoryAccesses(
      List<Encoding<X86Assembler>> all, X86Register register, X86Register base, int displacement) {
    String place = place(base, displacement);
    String wide = name64(register);
    String narrow = name32(register);
    all.add(
        of(
            "mov %s,QWORD PTR %s".formatted(wide, place),
            "",
            a -> a.load64(register, base, displacement)));
    all.add(
        of(
            "mov %s,DWORD PTR %s".formatted(narrow, place),
            "",
            a -> a.load32(register, base, displacement)));
    all.add(
        of(
            "movzx %s,BYTE PTR %s".formatted(narrow, place),
            "",
            a -> a.load8(register, base, displacement)));
    all.add(
        of(
            "mov QWORD PTR %s,%s".formatted(place, wide),
            "",
            a -> a.store64(base, displacement, register)));
    all.add(
        of(
            "mov DWORD PTR %s,%s".formatted(place, narrow),
            "",
            a -> a.store32(base, displacement, register)));
    all.add(
        of("lea %s,%s".formatted(wide, place), "", a -> a.address64(register, base, displacement)));
    all.add(
        of(
            "cmp %s,QWORD PTR %s".formatted(wide, place),
            "",
            a -> a.compare64(register, base, displacement)));
  }

  private static String place(X86Register base, int displacement) {
    boolean plain = displacement == 0 && base != RBP && base != R13;
    String offset =
        plain ? "" : "%s0x%x".formatted(displacement < 0 ? "-" : "+", Math.abs(displacement));
    return "[" + name64(base) + offset + "]";
  }

  private static String name64(X86Register register) {
    return register.name().toLowerCase(Locale.ROOT);
  }

  private static String name32(X86Register register) {
    String name = name64(register);
    return register.ordinal() < 8 ? "e" + name.substring(1) : name + "d";
  }

  @ParameterizedTest
  @EnumSource
  void objdumpReadsBothFormsOfEveryCondition(Condition condition) {
    Disassembler objdump = Disassembler.installed(Isa.X86_64);
    String name =
        switch (condition) {
          case BELOW -> "jb";
          case ABOVE_OR_EQUAL -> "jae";
          case EQUAL -> "je";
          case NOT_EQUAL -> "jne";
          case NEGATIVE -> "js";
          case NOT_NEGATIVE -> "jns";
          case LESS -> "jl";
        };
    X86Assembler asm = new X86Assembler();
    Label end = new Label("end");
    asm.jump(condition, end);
    asm.jumpFar(condition, end);
    asm.place(end);

    assertThat(objdump.disassemble(asm.toBytes())).containsExactly(name + " 0x8", name + " 0x8");
  }

  @Test
  void branchesReachLabelsBeforeAndBehindThem() {
    X86Assembler asm = new X86Assembler();
    Label start = new Label("start");
    Label end = new Label("end");
    asm.place(start);
    asm.jump(end);
    asm.jumpFar(end);
    asm.jump(Condition.LESS, end);
    asm.jumpFar(Condition.LESS, end);
    asm.jump(start);
    asm.jumpFar(start);
    asm.countDown(start);
    asm.place(end);

    assertThat(HexFormat.ofDelimiter(" ").formatHex(asm.toBytes()))
        .isEqualTo("eb 16 e9 11 00 00 00 7c 0f 0f 8c 09 00 00 00" + " eb ef e9 ea ff ff ff e2 e8");
  }

  @Property
  void shortJumpHoldsTheDistanceForward(@ForAll @IntRange(max = 127) int distance) {
    Label end = new Label("end");
    X86Assembler asm = new X86Assembler();
    asm.jump(end);
    emitReturns(asm, distance);
    asm.place(end);

    assertThat(asm.toBytes()[1]).isEqualTo((byte) distance);
  }

  @Property
  void shortJumpHoldsTheDistanceBackward(@ForAll @IntRange(min = 2, max = 128) int distance) {
    Label start = new Label("start");
    X86Assembler asm = new X86Assembler();
    asm.place(start);
    emitReturns(asm, distance - 2);
    asm.jump(start);

    assertThat(asm.toBytes()[distance - 1]).isEqualTo((byte) -distance);
  }

  @Test
  void shortJumpToTooFarALabelIsRefused() {
    Label end = new Label("end");
    X86Assembler forward = new X86Assembler();
    forward.jump(end);
    emitReturns(forward, 128);
    forward.place(end);
    Label start = new Label("start");
    X86Assembler backward = new X86Assembler();
    backward.place(start);
    emitReturns(backward, 127);
    backward.jump(Condition.EQUAL, start);

    assertThatThrownBy(forward::toBytes)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("distance to end 128 is not in -128..127");
    assertThatThrownBy(backward::toBytes)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("distance to start -129 is not in -128..127");
  }

  private static void emitReturns(X86Assembler asm, int count) {
    for (int i = 0; i < count; i++) {
      asm.giveBack();
    }
  }

  @Test
  void labelMustBePlacedExactlyOnce() {
    X86Assembler asm = new X86Assembler();
    Label lost = new Label("lost");
    asm.jump(lost);
    Label twice = new Label("twice");
    asm.place(twice);

    assertThatThrownBy(asm::toBytes)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("lost is used but nowhere placed");
    assertThatThrownBy(() -> asm.place(twice))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("twice is placed twice");
  }

  @Test
  void operandOutOfRangeIsRefused() {
    X86Assembler asm = new X86Assembler();

    assertRefused(() -> asm.load64(RAX, RBX, 128), "displacement 128");
    assertRefused(() -> asm.store32(RBX, -129, RAX), "displacement -129");
    assertRefused(() -> asm.add64(RAX, 128), "immediate 128");
    assertRefused(() -> asm.compareAl(-129), "immediate -129");
    assertRefused(() -> asm.compare8(RAX, 0, 200), "immediate 200");
    assertRefused(() -> asm.shiftRight32(RAX, 32), "count 32");
    assertRefused(() -> asm.address64(RAX, RBX, RSP, 1, 0), "RSP");
    assertRefused(() -> asm.address64(RAX, RBX, RCX, 3, 0), "scale 3");
    assertRefused(() -> asm.address64(RAX, RBX, RCX, 16, 0), "scale 16");
    assertRefused(() -> asm.address64(RAX, RBX, RCX, 0, 0), "scale 0");
  }

  private static void assertRefused(Runnable instruction, String what) {
    assertThatThrownBy(instruction::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(what);
  }
}
