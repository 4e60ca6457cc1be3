package dev.belljar.cgroups;

import dev.belljar.cgroups.ControlWrite.FileValue;
import dev.belljar.linux.Finding;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Which of the files that can take a value a group has. */
final class FileChoice {
  private FileChoice() {}

  /**
   * Chooses the first file that is there; where every kernel has the file, without looking.
   *
   * @param has tells whether the group has a file
   * @param missing takes the finding when there is none
   */
  static Optional<FileValue> of(ControlWrite write, Predicate<String> has, List<Finding> missing) {
    if (write.needs().isEmpty()) {
      return Optional.of(write.candidates().getFirst());
    }
    Optional<FileValue> chosen =
        write.candidates().stream().filter(each -> has.test(each.file())).findFirst();
    if (chosen.isEmpty()) {
      missing.add(
          Finding.missing(
              "the limit %s cannot be set: there is no %s; the kernel needs %s"
                  .formatted(
                      write.limit(), write.candidates().getFirst().file(), write.needs().get())));
    }
    return chosen;
  }
}
