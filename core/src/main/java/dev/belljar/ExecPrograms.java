package dev.belljar;

import dev.belljar.namespaces.NamespaceType;
import dev.belljar.program.CommandVector;
import dev.belljar.program.ContainerProgram;
import dev.belljar.program.Credentials;
import dev.belljar.program.ExecProgram;
import dev.belljar.program.ImageCache;
import dev.belljar.program.ProcessSettings;
import dev.belljar.program.TerminalSize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The programs of execs into containers of one blueprint; the last ones made are kept. */
final class ExecPrograms {
  private static final int MOST = 16;

  /** A program ready to be launched. */
  record Prepared(ExecProgram.Settings settings, ContainerProgram program, ImageCache.Key image) {}

  private record Shape(
      ProcessSettings.Command command,
      Optional<String> workingDirectory,
      Credentials credentials,
      Optional<TerminalSize> terminal,
      boolean byHandles) {}

  private final ContainerSpec spec;
  private final Blueprint blueprint;
  private final Map<Shape, Prepared> prepared =
      new LinkedHashMap<>(MOST, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Shape, Prepared> eldest) {
          return size() > MOST;
        }
      };

  ExecPrograms(ContainerSpec spec, Blueprint blueprint) {
    this.spec = spec;
    this.blueprint = blueprint;
  }

  synchronized Prepared prepare(
      CommandVector vector,
      Optional<String> workingDirectory,
      Credentials credentials,
      Optional<TerminalSize> terminal,
      boolean byHandles) {
    Shape shape =
        new Shape(Blueprint.command(vector), workingDirectory, credentials, terminal, byHandles);
    return prepared.computeIfAbsent(shape, this::prepare);
  }

  private Prepared prepare(Shape shape) {
    List<NamespaceType> own = blueprint.ownTypes();
    ExecProgram.Settings settings =
        new ExecProgram.Settings(
            own,
            shape.byHandles() ? EntryHandles.types(blueprint) : List.of(),
            blueprint.settings.v1Groups(),
            blueprint.settings.v2Group(),
            shape.terminal(),
            new ProcessSettings(
                shape.credentials(),
                blueprint.isolation.keepsUser(),
                blueprint.isolation.setgroups(),
                blueprint.isolation.capabilities(spec),
                !spec.privileged,
                Blueprint.workingDirectory(shape.workingDirectory(), blueprint.isolation),
                Optional.of(shape.command())));
    ContainerProgram program = ExecProgram.of(settings);
    return new Prepared(settings, program, ImageCache.Key.of(program.program()));
  }
}
