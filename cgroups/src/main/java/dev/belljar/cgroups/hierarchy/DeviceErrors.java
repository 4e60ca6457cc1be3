package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.Errno;
import java.util.List;

/** The errors of the devices controller of version 1. */
final class DeviceErrors {
  private static final String CHANGES = "devices.allow devices.deny";

  /** All or nothing, where groups below rely on the list. */
  static final ControlFileError GROUPS_BELOW =
      ControlFileError.v1(
              CHANGES,
              Errno.EINVAL,
              "a group that has groups below it cannot be told to allow or deny everything",
              "do it before they are made, or name the devices")
          .when(refused -> refused.value().startsWith("a"));

  /** What is no rule. */
  static final ControlFileError BAD_RULE =
      ControlFileError.v1(
          CHANGES,
          Errno.EINVAL,
          "not a device rule",
          "write a, or kind (b or c), major:minor with * for any, and some of rwm: c 1:3 rw");

  /** More than the group above has. */
  static final ControlFileError NOT_ABOVE =
      ControlFileError.v1(
          "devices.allow",
          Errno.EPERM,
          "a group cannot have a device that the group above it lacks, and only a process with"
              + " CAP_SYS_ADMIN in the first user namespace may change device rules",
          "allow it in the group above first");

  static final List<ControlFileError> ROWS = List.of(GROUPS_BELOW, BAD_RULE, NOT_ABOVE);

  private DeviceErrors() {}
}
