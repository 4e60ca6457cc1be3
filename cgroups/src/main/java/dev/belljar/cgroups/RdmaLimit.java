package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.Limit;

/** Bounds for one RDMA device. */
record RdmaLimit(Limit handles, Limit objects) {
  String text() {
    return "hca_handle=" + number(handles) + " hca_object=" + number(objects);
  }

  private static String number(Limit limit) {
    return limit.isUnlimited() ? "max" : limit.toString();
  }
}
