/** What is done to the directories of one hierarchy: listing, killing, removing whole trees. */
package dev.belljar.cgroups.tree;
