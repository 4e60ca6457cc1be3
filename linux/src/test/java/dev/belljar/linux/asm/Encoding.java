package dev.belljar.linux.asm;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One instruction: what our assembler is asked for, the bytes it must give, and what objdump reads
 * in them.
 *
 * @param <A> the assembler
 */
record Encoding<A extends Assembler>(String text, String bytes, Consumer<A> instruction) {
  /** Assembles one after the other. */
  static <A extends Assembler> byte[] assembleAll(
      List<Encoding<A>> encodings, Supplier<A> newAssembler) {
    A asm = newAssembler.get();
    encodings.forEach(encoding -> encoding.instruction.accept(asm));
    return asm.toBytes();
  }

  static <A extends Assembler> List<String> texts(List<Encoding<A>> encodings) {
    return encodings.stream().map(Encoding::text).toList();
  }

  @Override
  public String toString() {
    return text;
  }
}
