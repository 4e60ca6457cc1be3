/** An assembler for the part of BPF's machine language that device programs need. */
package dev.belljar.cgroups.bpf;
