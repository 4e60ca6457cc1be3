package dev.belljar.linux.netlink;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.nlmsghdr;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** What the kernel says at the end of a request: 0 or an error, with a text since Linux 4.12. */
final class Refusal {
  private static final int ERRNO_SIZE = 4;

  private Refusal() {}

  /**
   * Reads an {@code NLMSG_ERROR} or {@code NLMSG_DONE}.
   *
   * @return the exception to throw; empty when all is well
   */
  static Optional<LinuxException> of(NetlinkMessage request, NetlinkMessage answer) {
    MemorySegment body = answer.body();
    int error = body.byteSize() < ERRNO_SIZE ? 0 : body.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
    if (error >= 0) {
      return Optional.empty();
    }
    LinuxException failure = new LinuxException(-error, "netlink " + request.text());
    String said = text(answer);
    return Optional.of(said.isEmpty() ? failure : failure.withRemedy("the kernel says: " + said));
  }

  // Behind NLMSG_DONE's errno there are attributes at once; behind that of NLMSG_ERROR is the
  // request's header, and without NLM_F_CAPPED its body.
  private static String text(NetlinkMessage answer) {
    if (!answer.has(Uapi.NLM_F_ACK_TLVS())) {
      return "";
    }
    MemorySegment body = answer.body();
    long start = ERRNO_SIZE;
    if (answer.type() == Uapi.NLMSG_ERROR()) {
      MemorySegment header = body.asSlice(ERRNO_SIZE);
      start +=
          answer.has(Uapi.NLM_F_CAPPED())
              ? nlmsghdr.sizeof()
              : MessageWriter.aligned(nlmsghdr.nlmsg_len(header));
    }
    return answer.attributes(start).get(Uapi.NLMSGERR_ATTR_MSG()).map(Attribute::text).orElse("");
  }
}
