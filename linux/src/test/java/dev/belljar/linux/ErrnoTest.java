package dev.belljar.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.uapi.Uapi;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrnoTest {
  @Test
  void namesEveryNumberOfTheKernel() {
    assertThat(Errno.values()).hasSize(131);
    for (int number = 1; number <= 133; number++) {
      assertThat(Errno.of(number).isPresent()).isEqualTo(number != 41 && number != 58);
    }
  }

  @ParameterizedTest
  @EnumSource
  void hasTheNumberOfTheKernelsHeader(Errno errno) throws Throwable {
    MethodHandle constant =
        MethodHandles.lookup()
            .findStatic(Uapi.class, errno.name(), MethodType.methodType(int.class));

    assertThat((int) constant.invokeExact()).isEqualTo(errno.number());
  }

  @Property
  void isFoundByItsNumberOnly(@ForAll int number) {
    assertThat(Errno.of(number).stream()).allMatch(errno -> errno.number() == number);
    assertThat(Errno.describe(number)).contains(Integer.toString(number));
  }

  @ParameterizedTest
  @EnumSource
  void isFoundByItsNumber(Errno errno) {
    assertThat(Errno.of(errno.number())).contains(errno);
  }

  @Test
  void describesANumberByNameAndText() {
    assertThat(Errno.describe(2)).isEqualTo("ENOENT (2, No such file or directory)");
    assertThat(Errno.describe(35)).isEqualTo("EDEADLK (35, Resource deadlock avoided)");
  }

  @Test
  void describesANumberWithoutAName() {
    assertThat(Errno.describe(524)).isEqualTo("errno 524");
    assertThat(Errno.describe(0)).isEqualTo("errno 0");
    assertThat(Errno.describe(-1)).isEqualTo("errno -1");
  }
}
