"""Stand-ins for the services that are searched live: real HTTP on the loopback, with their limits and their faults."""
