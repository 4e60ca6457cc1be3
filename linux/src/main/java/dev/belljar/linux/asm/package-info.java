/**
 * Machine code made by Java: the runner that executes a launch program, and the stub that starts
 * it.
 *
 * <p>Nothing in here makes a native call; the code is bytes until another package executes it.
 */
package dev.belljar.linux.asm;
