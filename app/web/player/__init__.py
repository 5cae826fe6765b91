"""Playing on the listener's devices."""
