package dev.belljar.cgroups.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What {@code docs/cgroup-coverage.md} says holds of the records and of the tests. */
class CoverageDocumentTest {
  private static final Path RECORDS =
      Path.of("src/test/resources/dev/belljar/cgroups/coverage/machines");
  private static final Path DOCUMENT = Path.of("../docs/cgroup-coverage.md");

  @Test
  void theDocumentIsTheOneThatTheRecordsMake() throws IOException {
    assertThat(Files.readString(DOCUMENT))
        .as("scripts/cgroup-coverage none writes it")
        .isEqualTo(CoverageDocument.of(RECORDS).text());
  }

  @Test
  void allMachinesAreRecordedAndFourFifthsOfWhatCanBeWrittenIsProved() throws IOException {
    CoverageDocument document = CoverageDocument.of(RECORDS);
    assertThat(document.machines()).hasSize(4);
    assertThat(document.percentProved()).isGreaterThanOrEqualTo(80);
  }

  @Test
  void noCellOfAMachineThatIsRecordedIsMissing() throws IOException {
    assertThat(CoverageDocument.of(RECORDS).gaps()).isEmpty();
  }

  @Test
  void everyFileOfEveryMachineIsNamed() throws IOException {
    Set<String> named = KnownFile.all().stream().map(KnownFile::name).collect(Collectors.toSet());
    assertThat(CoverageDocument.of(RECORDS).machines())
        .allSatisfy(machine -> assertThat(named).containsAll(machine.files()));
  }

  @Test
  void whatIsSaidToBeProvedIsProvedByTestsOfToday() throws IOException {
    for (MachineCoverage machine : CoverageDocument.of(RECORDS).machines()) {
      machine
          .effects()
          .forEach((file, tests) ->
              assertThat(tests)
                  .as(machine.title() + ": " + file)
                  .allSatisfy(test -> assertThat(test.proves()).contains(file)));
    }
  }
}
