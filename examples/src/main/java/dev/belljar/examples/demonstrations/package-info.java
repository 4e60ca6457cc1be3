/** The classic demonstrations of what each kind of namespace isolates, as one program. */
package dev.belljar.examples.demonstrations;
