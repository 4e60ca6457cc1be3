package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpusetValuesTest {
  @Property
  void processorsAreParsedAsTheyArePrinted(
      @ForAll @Size(max = 40) Set<@IntRange(max = 100) Integer> numbers) {
    CpuSet cpus = new CpuSet(new TreeSet<>(numbers));

    assertThat(CpuSet.parse(cpus.toString())).isEqualTo(cpus);
    assertThat(cpus.cpus()).isEqualTo(numbers);
  }

  @Property
  void nodesAreParsedAsTheyArePrinted(
      @ForAll @Size(max = 9) Set<@IntRange(max = 1023) Integer> numbers) {
    NodeSet nodes = new NodeSet(new TreeSet<>(numbers));

    assertThat(NodeSet.parse(nodes.toString())).isEqualTo(nodes);
  }

  @Test
  void neighboursAreARange() {
    assertThat(CpuSet.of(7, 0, 1, 2, 3, 5)).hasToString("0-3,5,7");
    assertThat(CpuSet.range(0, 1)).hasToString("0-1").isEqualTo(CpuSet.of(1, 0));
    assertThat(CpuSet.parse("0-3,7\n").cpus()).containsExactly(0, 1, 2, 3, 7);
  }

  @Test
  void noneIsANewlineToTheKernel() {
    assertThat(CpuSet.parse("\n")).isEqualTo(CpuSet.NONE);
    assertThat(CpuSet.NONE.isEmpty()).isTrue();
    assertThat(IdList.write(CpuSet.NONE.cpus())).isEqualTo("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0,", "x", "3-1", "-1", "8192", "0--1", "0-3:1/2"})
  void anotherFormIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> CpuSet.parse(text));
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> CpuSet.of(8192));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NodeSet.of(-1))
        .withMessage("a memory node is 0 to 1023, not -1");
    assertThatIllegalArgumentException().isThrownBy(() -> NodeSet.range(3, 2));
  }

  @ParameterizedTest
  @EnumSource
  void aValidPartitionIsItsType(CpusetPartition.Type type) {
    CpusetPartition partition = CpusetPartition.of(type);

    assertThat(partition.isValid()).isTrue();
    assertThat(CpusetPartition.parse(partition.toString())).isEqualTo(partition);
  }

  // The first two of Linux 6.1 and 6.12 (Debian 12, in QEMU), the last of 6.12 alone.
  @ParameterizedTest
  @CsvSource({
    "root invalid (Parent unable to distribute cpu downstream), ROOT,"
        + " Parent unable to distribute cpu downstream",
    "root invalid (Cpu list in cpuset.cpus not exclusive), ROOT,"
        + " Cpu list in cpuset.cpus not exclusive",
    "isolated invalid (Invalid cpu list in cpuset.cpus.exclusive), ISOLATED,"
        + " Invalid cpu list in cpuset.cpus.exclusive"
  })
  void anInvalidPartitionSaysWhy(String text, CpusetPartition.Type type, String why) {
    CpusetPartition partition = CpusetPartition.parse(text + "\n");

    assertThat(partition).isEqualTo(new CpusetPartition(type, Optional.of(why)));
    assertThat(partition.isValid()).isFalse();
    assertThat(partition).hasToString(text);
  }

  @Property
  void aReasonIsParsedAsItIsPrinted(
      @ForAll CpusetPartition.Type type, @ForAll @AlphaChars String reason) {
    CpusetPartition partition = new CpusetPartition(type, Optional.of(reason));

    assertThat(CpusetPartition.parse(partition.toString())).isEqualTo(partition);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "leaf", "root valid", "root invalid because"})
  void anotherStateIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> CpusetPartition.parse(text));
  }
}
