package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.Limit;
import dev.belljar.linux.DeviceNumber;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A weight or a bound for each of some block devices. */
record PerDevice(SortedMap<DeviceNumber, Limit> values) {
  static PerDevice of(DeviceNumber device, Limit value) {
    return new PerDevice(new TreeMap<>(Map.of(device, value)));
  }

  PerDevice and(PerDevice later) {
    SortedMap<DeviceNumber, Limit> all = new TreeMap<>(values);
    all.putAll(later.values);
    return new PerDevice(all);
  }

  List<String> outside(String name, long min, long max) {
    List<String> mistakes = new ArrayList<>();
    values.forEach((device, value) ->
        value
            .value()
            .ifPresent(number ->
                mistakes.addAll(ResourceKey.outside(name + " of " + device, number, min, max))));
    return mistakes;
  }

  @Override
  public String toString() {
    return values.entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue())
        .collect(Collectors.joining(", "));
  }
}
