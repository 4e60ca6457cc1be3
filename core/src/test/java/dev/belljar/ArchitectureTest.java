package dev.belljar;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.belljar.linux.testing.MakesMounts;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What each module and package may know of the others. */
class ArchitectureTest {
  private static final JavaClasses EVERYTHING =
      new ClassFileImporter().importPackages("dev.belljar");

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          // the tests' own support, which the option above sees in a folder but not in its jar
          .withImportOption(
              location -> !location.contains("-tests.jar") && !location.contains("/test-classes/"))
          .importPackages("dev.belljar");

  private static final String LINUX = "dev.belljar.linux..";
  private static final String CGROUPS = "dev.belljar.cgroups..";
  private static final String FLIGHT_RECORDINGS = "dev.belljar.cgroups.jfr..";
  private static final String NAMESPACES = "dev.belljar.namespaces..";
  private static final String ROOTFS = "dev.belljar.rootfs..";

  @Test
  void linuxKnowsOnlyTheJdk() {
    classes()
        .that()
        .resideInAPackage(LINUX)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", LINUX)
        .check(PRODUCT);
  }

  @Test
  void cgroupsKnowsOnlyLinuxAndForItsRecordingsTheFlightRecorder() {
    classes()
        .that()
        .resideInAPackage(CGROUPS)
        .and()
        .resideOutsideOfPackage(FLIGHT_RECORDINGS)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", LINUX, CGROUPS)
        .check(PRODUCT);
    classes()
        .that()
        .resideInAPackage(FLIGHT_RECORDINGS)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "jdk.jfr..", LINUX, CGROUPS)
        .check(PRODUCT);
  }

  @Test
  void namespacesKnowsOnlyLinux() {
    knowsOnlyLinux(NAMESPACES);
  }

  @Test
  void rootfsKnowsOnlyLinux() {
    knowsOnlyLinux(ROOTFS);
  }

  private static void knowsOnlyLinux(String module) {
    classes()
        .that()
        .resideInAPackage(module)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", LINUX, module)
        .check(PRODUCT);
  }

  @Test
  void onlyLinuxMakesNativeCalls() {
    noClasses()
        .that()
        .resideOutsideOfPackage(LINUX)
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Linker.class, SymbolLookup.class)
        .check(PRODUCT);
  }

  /** Else a start could fail at a call that no test can make fail, and names had to be text. */
  @Test
  void filesAreReachedBySystemCallsOnly() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(
            File.class,
            FileInputStream.class,
            FileOutputStream.class,
            FileReader.class,
            FileWriter.class,
            RandomAccessFile.class,
            FileChannel.class,
            Files.class)
        .check(PRODUCT);
    noClasses()
        .that()
        .doNotHaveSimpleName("MountedHierarchy") // which no start uses
        .should()
        .callMethod(Path.class, "toRealPath", LinkOption[].class)
        .check(PRODUCT);
  }

  @Test
  void noProgramIsRunForWhatASystemCallCanDo() {
    noClasses().should().dependOnClassesThat().areAssignableTo(ProcessBuilder.class).check(PRODUCT);
    noClasses()
        .should()
        .callMethodWhere(target(name("exec")).and(target(owner(type(Runtime.class)))))
        .check(PRODUCT);
  }

  @Test
  void packagesDependOnEachOtherOneWay() {
    slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass type) {
                return SliceIdentifier.of(type.getPackageName());
              }

              @Override
              public String getDescription() {
                return "packages";
              }
            })
        .should()
        .beFreeOfCycles()
        .check(PRODUCT);
  }

  /** Those are run among shared mounts and among private ones. */
  @Test
  void testsOfContainersThatNameMountsAreMarked() {
    List<String> unmarked =
        EVERYTHING.stream()
            .filter(type -> type.isAssignableTo(ContainerTest.class))
            .filter(type -> !type.isAnnotatedWith(MakesMounts.class))
            .filter(type ->
                type.getDirectDependenciesFromSelf().stream()
                    .anyMatch(
                        use -> use.getTargetClass().getPackageName().equals("dev.belljar.rootfs")))
            .map(JavaClass::getName)
            .toList();
    assertThat(unmarked).isEmpty();
  }

  /** The compiler sees to it in the product; tests run on the class path, where it would not. */
  @Test
  void testsUseWhatIsExportedToTheirModule() {
    List<ModuleDescriptor> modules = modules();
    assertThat(modules).hasSize(5);
    List<String> hidden =
        EVERYTHING.stream()
            .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
            .filter(use -> {
              String user = use.getOriginClass().getPackageName();
              String used = use.getTargetClass().getBaseComponentType().getPackageName();
              Optional<ModuleDescriptor> owner = moduleOf(used, modules);
              return owner.isPresent()
                  && !owner.equals(moduleOf(user, modules))
                  && !isExported(used, owner.get(), moduleOf(user, modules));
            })
            .map(use -> use.getDescription())
            .toList();
    assertThat(hidden).isEmpty();
  }

  private static boolean isExported(
      String name, ModuleDescriptor owner, Optional<ModuleDescriptor> user) {
    return name.equals("dev.belljar.linux.testing") // shared by the tests of all modules
        || owner.exports().stream()
            .filter(export -> export.source().equals(name))
            .anyMatch(export ->
                !export.isQualified()
                    || user.map(ModuleDescriptor::name)
                        .filter(export.targets()::contains)
                        .isPresent());
  }

  private static Optional<ModuleDescriptor> moduleOf(String name, List<ModuleDescriptor> modules) {
    return modules.stream()
        .filter(module -> (name + ".").startsWith(module.name() + "."))
        .max(Comparator.comparingInt(module -> module.name().length()));
  }

  private static List<ModuleDescriptor> modules() {
    return ArchitectureTest.class
        .getClassLoader()
        .resources("module-info.class")
        .map(ArchitectureTest::read)
        .filter(module -> module.name().startsWith("dev.belljar"))
        .toList();
  }

  private static ModuleDescriptor read(URL file) {
    try (InputStream bytes = file.openStream()) {
      return ModuleDescriptor.read(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
