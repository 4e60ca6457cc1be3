/**
 * What a container costs to start, beside a C program that makes the same calls and other runtimes.
 */
package dev.belljar.benchmarks;
