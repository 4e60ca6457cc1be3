package dev.belljar.cgroups.controller;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What processes may hold, or hold, of an RDMA device.
 *
 * @param handles contexts ({@code hca_handle})
 * @param objects all other objects: queue pairs, memory regions and so on ({@code hca_object})
 */
public record RdmaResources(Limit handles, Limit objects) {
  private static final String HANDLE = "hca_handle";
  private static final String OBJECT = "hca_object";

  /** No bound. */
  public static final RdmaResources UNLIMITED = new RdmaResources(Limit.UNLIMITED, Limit.UNLIMITED);

  /** Makes a description. */
  public RdmaResources {
    Objects.requireNonNull(handles, "handles");
    Objects.requireNonNull(objects, "objects");
  }

  /**
   * Parses lines {@code device hca_handle=number hca_object=max}; of what later kernels may add
   * nothing is taken.
   */
  static Map<String, RdmaResources> parse(String text) {
    Map<String, RdmaResources> devices = new LinkedHashMap<>();
    pairs(text, HANDLE, OBJECT)
        .forEach((device, pairs) ->
            devices.put(
                device,
                new RdmaResources(Limit.parse(pairs.get(HANDLE)), Limit.parse(pairs.get(OBJECT)))));
    return devices;
  }

  /** The pairs {@code key=value} of each device, among them all of some keys. */
  static Map<String, Map<String, String>> pairs(String text, String... keys) {
    Map<String, Map<String, String>> devices = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split(" ", -1);
      Map<String, String> pairs = new HashMap<>();
      for (int i = 1; i < words.length; i++) {
        String[] pair = words[i].split("=", 2);
        pairs.put(pair[0], pair[pair.length - 1]);
      }
      if (!pairs.keySet().containsAll(List.of(keys))) {
        throw new IllegalArgumentException("not the resources of an RDMA device: " + line);
      }
      devices.put(words[0], pairs);
    }
    return devices;
  }

  /** Returns both as the kernel prints them. */
  @Override
  public String toString() {
    return HANDLE + "=" + text(handles) + " " + OBJECT + "=" + text(objects);
  }

  private static String text(Limit limit) {
    return limit.isUnlimited() ? "max" : limit.toString();
  }
}
