package dev.belljar.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceNumberTest {
  /** The numbers are what glibc 2.36's {@code gnu_dev_makedev} gives. */
  @ParameterizedTest
  @CsvSource({
    "1, 3, 0x103",
    "8, 1, 0x801",
    "0, 38, 0x26",
    "254, 255, 0xfeff",
    "254, 256, 0x10fe00",
    "259, 65537, 0x10010301",
    "4095, 1048575, 0xffffffff"
  })
  void isEncodedAsTheCLibraryDoes(int major, int minor, String encoded) {
    assertThat(new DeviceNumber(major, minor).encoded()).isEqualTo(Long.decode(encoded));
  }

  @Property
  void survivesEncoding(
      @ForAll @IntRange(max = DeviceNumber.MAX_MAJOR) int major,
      @ForAll @IntRange(max = DeviceNumber.MAX_MINOR) int minor) {
    DeviceNumber device = new DeviceNumber(major, minor);

    assertThat(DeviceNumber.of(device.encoded())).isEqualTo(device);
  }

  @Property
  void everyEncodedNumberIsADevice(@ForAll @LongRange(max = 0xffff_ffffL) long encoded) {
    assertThat(DeviceNumber.of(encoded).encoded()).isEqualTo(encoded);
  }

  @Property
  void survivesPrinting(
      @ForAll @IntRange(max = DeviceNumber.MAX_MAJOR) int major,
      @ForAll @IntRange(max = DeviceNumber.MAX_MINOR) int minor) {
    DeviceNumber device = new DeviceNumber(major, minor);

    assertThat(DeviceNumber.parse(major + ":" + minor)).isEqualTo(device);
    assertThat(device).hasToString(major + ":" + minor);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "8",
        ":",
        "8:",
        ":1",
        "8:1:2",
        "-8:1",
        "+8:1",
        "8: 1",
        "4096:0",
        "0:1048576",
        "8:99999999999999999999",
        "٨:1"
      })
  void refusesWhatIsNoDeviceNumber(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> DeviceNumber.parse(text));
  }

  @Test
  void refusesPartsThatTheKernelCannotHold() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeviceNumber(4096, 0))
        .withMessageContaining("4096:0");
    assertThatIllegalArgumentException().isThrownBy(() -> new DeviceNumber(0, -1));
    assertThatIllegalArgumentException().isThrownBy(() -> DeviceNumber.of(1L << 32));
    assertThatIllegalArgumentException().isThrownBy(() -> DeviceNumber.of(-1));
  }

  @Test
  void isOrderedByMajorThenMinor() {
    assertThat(new DeviceNumber(1, 9)).isLessThan(new DeviceNumber(2, 0));
    assertThat(new DeviceNumber(2, 1)).isGreaterThan(new DeviceNumber(2, 0));
  }
}
