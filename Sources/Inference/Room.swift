// Arrives with the runtime.
