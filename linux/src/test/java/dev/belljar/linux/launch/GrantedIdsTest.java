package dev.belljar.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.IdRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrantedIdsTest {
  private static final String PASSWD =
      """
      root:x:0:0:root:/root:/bin/bash
      me:x:1000:1000::/home/me:/bin/sh
      alias:x:1000:1000::/home/me:/bin/sh
      """;

  @Test
  void aUserIsCalledByNumberAndByEachOfItsNames() {
    assertThat(GrantedIds.names(1000, PASSWD)).containsExactly("1000", "me", "alias");
    assertThat(GrantedIds.names(7, PASSWD)).containsExactly("7");
  }

  @Test
  void theOwnIdIsRootAndGrantedRangesFollowOneAnother() {
    String file = "root:1:5\nme:100000:65536\n# comment\nme:broken:1\n\n1000:300000:10\n";

    assertThat(GrantedIds.granted(List.of("1000", "me"), file, 1000))
        .containsExactly(
            new IdRange(0, 1000, 1),
            new IdRange(1, 100_000, 65_536),
            new IdRange(65_537, 300_000, 10));
  }

  @Test
  void withoutAGrantThereIsTheOwnIdAlone() {
    assertThat(GrantedIds.granted(List.of("1000"), "", 1000))
        .containsExactly(new IdRange(0, 1000, 1));
  }
}
