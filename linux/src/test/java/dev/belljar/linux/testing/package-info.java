/** What the tests of every module share; shipped in the test jar of this module. */
package dev.belljar.linux.testing;
