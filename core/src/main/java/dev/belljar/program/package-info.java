/**
 * What core itself contributes to launch programs, and their order: session, signals, limits,
 * identity, command, init.
 */
package dev.belljar.program;
