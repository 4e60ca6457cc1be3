/** What a container costs to start, beside a C program and other runtimes. */
package dev.belljar.benchmarks;
