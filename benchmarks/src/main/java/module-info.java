/** What a container costs to start, beside a C program and other runtimes. */
module dev.belljar.benchmarks {
  requires dev.belljar;
}
