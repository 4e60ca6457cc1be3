/** Small programs that show how containers are started, limited and entered. */
module dev.belljar.examples {
  requires dev.belljar;
}
