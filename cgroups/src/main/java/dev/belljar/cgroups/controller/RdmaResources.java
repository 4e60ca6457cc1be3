package dev.belljar.cgroups.controller;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What processes may hold, or hold, of an RDMA device.
 *
 * @param handles contexts ({@code hca_handle})
 * @param objects all other objects: queue pairs, memory regions and so on ({@code hca_object})
 */
public record RdmaResources(Limit handles, Limit objects) {
  private static final String HANDLE = "hca_handle=";
  private static final String OBJECT = "hca_object=";

  /** No bound. */
  public static final RdmaResources UNLIMITED = new RdmaResources(Limit.UNLIMITED, Limit.UNLIMITED);

  /** Makes a description. */
  public RdmaResources {
    Objects.requireNonNull(handles, "handles");
    Objects.requireNonNull(objects, "objects");
  }

  /** Parses lines {@code device hca_handle=number hca_object=max}. */
  static Map<String, RdmaResources> parse(String text) {
    Map<String, RdmaResources> devices = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split(" ", -1);
      if (words.length != 3 || !words[1].startsWith(HANDLE) || !words[2].startsWith(OBJECT)) {
        throw new IllegalArgumentException("not the resources of an RDMA device: " + line);
      }
      devices.put(
          words[0],
          new RdmaResources(
              Limit.parse(words[1].substring(HANDLE.length())),
              Limit.parse(words[2].substring(OBJECT.length()))));
    }
    return devices;
  }

  /** Returns both as the kernel prints them. */
  @Override
  public String toString() {
    return HANDLE + text(handles) + " " + OBJECT + text(objects);
  }

  private static String text(Limit limit) {
    return limit.isUnlimited() ? "max" : limit.toString();
  }
}
