import Glibc
import Platform

/// A file without content that keeps room on the disk for the last words of a full one.
struct Ballast: Sendable {
    let path: String
    let byteCount: Int

    var exists: Bool { unsafe access(path, F_OK) == 0 }

    /// Deletes the file. Returns whether that made room.
    func giveUp() -> Bool { unsafe unlink(path) == 0 }

    /// Takes the room, unless it has it. Throws, and leaves nothing, if the disk has none.
    func create(_ surroundings: Surroundings) throws {
        if exists { return }
        try surroundings.allocate(path, byteCount)
    }
}
