/** The files of each subsystem as typed values, one class for each version where they differ. */
package dev.belljar.cgroups.controller;
