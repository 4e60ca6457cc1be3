/** Containers: described by a builder, started, entered, limited, stopped. */
package dev.belljar;
