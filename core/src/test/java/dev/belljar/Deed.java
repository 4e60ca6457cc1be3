package dev.belljar;

/** What is done with a tree that is the attacker's: by somebody naive, and by Belljar. */
interface Deed {
  /** How the output of what succeeded begins. */
  String DONE = "ran: exited with 0";

  /** How the output of what failed with an exception begins. */
  String REFUSED = "refused: ";

  /**
   * Does it without any care.
   *
   * @return what came out of it
   */
  String carelessly();

  /**
   * Does it with Belljar.
   *
   * @param rootless as an ordinary user would, where that makes a difference
   * @return what came out of it, {@link #DONE} or {@link #REFUSED} first
   */
  String byBelljar(boolean rootless);
}
