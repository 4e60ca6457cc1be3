package dev.belljar.cgroups.controller;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How often processes were refused resources of an RDMA device.
 *
 * @param handles of contexts ({@code hca_handle})
 * @param objects of all other objects ({@code hca_object})
 */
public record RdmaEvents(Refusals handles, Refusals objects) {
  private static final String HANDLE = "hca_handle";
  private static final String OBJECT = "hca_object";
  private static final String LIMIT = ".max";
  private static final String FAILURE = ".alloc_fail";

  /** Makes a description. */
  public RdmaEvents {
    Objects.requireNonNull(handles, "handles");
    Objects.requireNonNull(objects, "objects");
  }

  /**
   * Refusals of one kind of resource.
   *
   * @param atLimit those because the bound of a counted group was reached ({@code max})
   * @param asked those of what processes of a counted group asked for, whichever group's bound was
   *     reached ({@code alloc_fail})
   */
  public record Refusals(long atLimit, long asked) {
    private static Refusals of(String kind, Map<String, String> pairs) {
      return new Refusals(
          Long.parseLong(pairs.get(kind + LIMIT)), Long.parseLong(pairs.get(kind + FAILURE)));
    }
  }

  /** Parses lines {@code device hca_handle.max=number hca_handle.alloc_fail=number ...}. */
  static Map<String, RdmaEvents> parse(String text) {
    Map<String, RdmaEvents> devices = new LinkedHashMap<>();
    RdmaResources.pairs(text, HANDLE + LIMIT, HANDLE + FAILURE, OBJECT + LIMIT, OBJECT + FAILURE)
        .forEach((device, pairs) ->
            devices.put(
                device, new RdmaEvents(Refusals.of(HANDLE, pairs), Refusals.of(OBJECT, pairs))));
    return devices;
  }
}
