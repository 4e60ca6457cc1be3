package dev.belljar.cgroups;

import dev.belljar.linux.BytePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is asked of a group, wherever it will be made.
 *
 * {@snippet :
 * CgroupRequest request = CgroupRequest.of(limits).under("batch/night").killable(true);
 * Optional<Cgroup> group = CgroupPlacement.find(request).create("job-1");
 * }
 *
 * @param resources the limits
 * @param parent below which group of each hierarchy to make it, as a path from the hierarchy's root
 *     without a leading slash; made if absent, and then removed when the JVM exits (but not when it
 *     is killed). Empty for the place the design of the machine suggests: the JVM's own group on
 *     version 1; on version 2 the nearest of the JVM's own group and those above that the JVM may
 *     write to and that may give its children the controllers needed
 * @param killable whether {@link Cgroup#kill} must not miss a process that forks; on a machine with
 *     version 1 alone this takes one more group, that of the freezer
 * @param accounting whether it is made in every hierarchy that counts or controls something at run
 *     time, so that all statistics can be read, and it can be frozen; else only where a limit needs
 *     it
 * @param lenient whether limits that the machine cannot set are left out, instead of being an error
 */
public record CgroupRequest(
    Resources resources,
    Optional<BytePath> parent,
    boolean killable,
    boolean accounting,
    boolean lenient) {
  /**
   * Makes a request.
   *
   * @throws IllegalArgumentException when the parent is not a relative path, or holds {@code .} or
   *     {@code ..}
   */
  public CgroupRequest {
    Objects.requireNonNull(resources, "resources");
    List<String> mistakes = new ArrayList<>(SwapLimit.mistakesInNewGroup(resources));
    parent.map(CgroupRequest::mistakes).ifPresent(mistakes::addAll);
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", mistakes));
    }
  }

  /**
   * Asks for a group with limits in the usual place.
   *
   * @param resources the limits
   * @return the request
   */
  public static CgroupRequest of(Resources resources) {
    return new CgroupRequest(resources, Optional.empty(), false, false, false);
  }

  /**
   * Checks a parent.
   *
   * @param parent as {@link #parent}
   * @return every mistake, a sentence each; none when a request with it can be made
   */
  public static List<String> mistakes(BytePath parent) {
    List<String> mistakes = new ArrayList<>();
    if (parent.isAbsolute()) {
      mistakes.add("cgroup parent must be relative to the root of each hierarchy, not " + parent);
    }
    for (BytePath name : parent.components()) {
      if (name.equals(BytePath.of(".")) || name.equals(BytePath.of(".."))) {
        mistakes.add("cgroup parent must not contain " + name + ": " + parent);
      }
    }
    return mistakes;
  }

  /**
   * Asks for it to be made below another group; see {@link #parent}.
   *
   * @param parent a relative path
   * @return the request
   * @throws IllegalArgumentException as the constructor does
   */
  public CgroupRequest under(String parent) {
    return new CgroupRequest(
        resources, Optional.of(BytePath.of(parent)), killable, accounting, lenient);
  }

  /**
   * Asks for it to be safely killable; see {@link #killable()}.
   *
   * @param killable whether it is
   * @return the request
   */
  public CgroupRequest killable(boolean killable) {
    return new CgroupRequest(resources, parent, killable, accounting, lenient);
  }

  /**
   * Asks for all statistics; see {@link #accounting()}.
   *
   * @param accounting whether they are wanted
   * @return the request
   */
  public CgroupRequest accounting(boolean accounting) {
    return new CgroupRequest(resources, parent, killable, accounting, lenient);
  }

  /**
   * Asks for limits that the machine cannot set to be left out; see {@link #lenient()}.
   *
   * @param lenient whether they are
   * @return the request
   */
  public CgroupRequest lenient(boolean lenient) {
    return new CgroupRequest(resources, parent, killable, accounting, lenient);
  }
}
