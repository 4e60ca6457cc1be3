package dev.belljar.linux;

import java.util.Objects;

/**
 * Something that was found out about a request before anything was done: what the machine lacks,
 * what will have no effect, what will surprise.
 *
 * <p>The modules only report findings; whoever asked decides whether one is an error or a warning.
 *
 * @param kind what it means for the request
 * @param text one sentence for people, without a full stop
 */
public record Finding(Kind kind, String text) {
  /** What a finding means for the request. */
  public enum Kind {
    /** The machine, or this user on it, cannot do what was asked. */
    MISSING,
    /** It can be done, but changes nothing. */
    NO_EFFECT,
    /** It does what was asked, which may not be what a person expects. */
    PITFALL
  }

  /**
   * Makes a finding.
   *
   * @throws IllegalArgumentException when the text is empty
   */
  public Finding {
    Objects.requireNonNull(kind, "kind");
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a finding without a text");
    }
  }

  /**
   * Makes a finding about something the machine cannot do.
   *
   * @param text one sentence, without a full stop
   * @return the finding
   */
  public static Finding missing(String text) {
    return new Finding(Kind.MISSING, text);
  }

  /**
   * Makes a finding about something that changes nothing.
   *
   * @param text one sentence, without a full stop
   * @return the finding
   */
  public static Finding noEffect(String text) {
    return new Finding(Kind.NO_EFFECT, text);
  }

  /**
   * Makes a finding about something that surprises.
   *
   * @param text one sentence, without a full stop
   * @return the finding
   */
  public static Finding pitfall(String text) {
    return new Finding(Kind.PITFALL, text);
  }
}
