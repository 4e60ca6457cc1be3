package dev.belljar;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.ByteString;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.Rootfs;
import java.util.List;

/** A program that mounts directories whose names no text can say, and prints what is in them. */
final class MountsOddNames {
  private static final byte[] NAME = {'o', (byte) 0xff, (byte) 0xc3, '\n', ' ', '\\'};

  private MountsOddNames() {}

  /** Uses the directory with that name, whose file {@code x} is known, in the working directory. */
  public static void main(String[] arguments) {
    BytePath name = BytePath.ofBytes(NAME);
    BytePath source = BytePath.of(arguments[0]).resolve(name);
    BytePath place = BytePath.of("/tmp").resolve(name);
    String script = "for d in /tmp/*/[abc]; do cat \"$d/x\"; done; ls /tmp/*/ | grep -c '^e$'";
    try {
      System.out.println(
          Outcome.of(
                  Container.builder()
                      .command("sh", "-c", script)
                      .rootfs(Rootfs.host().hide(place.resolve("hidden")))
                      .mount(
                          Mount.bind(source, place.resolve("a")),
                          Mount.rbind(BytePath.of("/").resolve(name), place.resolve("b"))
                              .within(BytePath.of(arguments[0])),
                          Mount.overlay(Overlay.of(List.of(source)).readOnly(), place.resolve("c")),
                          Mount.of("tmpfs", ByteString.of("none"), place.resolve("e"))))
              .output());
      Belljar.shutdown();
    } catch (RuntimeException failure) {
      System.out.println(failure.getClass().getName() + ": " + failure.getMessage());
    }
  }
}
