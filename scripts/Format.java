import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Formats every Java file below a folder, or with {@code --check} lists those it would change. Run
 * by Maven in one JVM of the toolchain: an older one could not parse the language's newer syntax.
 */
final class Format {
  private static final Set<String> LEFT_ALONE = Set.of("target", ".git", "jextract");

  public static void main(String[] arguments) throws IOException {
    boolean check = arguments[0].equals("--check");
    Path root = Path.of(arguments[arguments.length - 1]);
    var formatter = new Formatter(JavaFormatterOptions.builder().build());
    Set<String> changed = new ConcurrentSkipListSet<>();
    Set<String> broken = new ConcurrentSkipListSet<>();
    javaFiles(root).parallelStream()
        .forEach(file -> {
          try {
            String before = Files.readString(file);
            String after = formatter.formatSourceAndFixImports(before);
            if (!after.equals(before)) {
              changed.add(root.relativize(file).toString());
              if (!check) {
                Files.writeString(file, after);
              }
            }
          } catch (IOException | FormatterException e) {
            broken.add(root.relativize(file) + ": " + e.getMessage());
          }
        });
    broken.forEach(file -> System.err.println("cannot be formatted: " + file));
    changed.forEach(file -> System.err.println((check ? "not formatted: " : "formatted: ") + file));
    if (check && !changed.isEmpty()) {
      System.err.println("Run ./mvnw -Pformat process-sources to format them.");
    }
    System.exit(broken.isEmpty() && (!check || changed.isEmpty()) ? 0 : 1);
  }

  private static List<Path> javaFiles(Path root) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean skip = LEFT_ALONE.contains(folder.getFileName().toString());
            return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }
}
