package dev.belljar;

import java.time.Duration;

/** How far the clocks of a container are ahead of the host's. */
record Clocks(Duration monotonic, Duration boot) {}
