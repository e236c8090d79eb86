import Glibc

/// Where tests may write.
// Strings of the environment end with a zero.
let temporaryFolder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"

/// Removes a file of a test's own.
func remove(_ path: String) {
    _ = unsafe unlink(path)  // the string lives for the call
}
