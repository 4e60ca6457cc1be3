/** System calls of this library made inside namespaces, and namespaces made; for core too. */
package dev.belljar.namespaces.inside;
