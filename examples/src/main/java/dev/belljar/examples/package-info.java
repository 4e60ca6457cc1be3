/** Small programs that show how containers are started, limited and entered. */
package dev.belljar.examples;
