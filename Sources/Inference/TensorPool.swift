public import Platform
import Synchronization

/// The memory of all sessions of a process: arenas that are reserved when a model is loaded and reused
/// afterwards.
///
/// A session takes its arena when it is made and gives it back when it ends, so that switching to a newly
/// taught model needs no new memory once both have run. Taking and giving back are for the control plane:
/// they lock.
public final class TensorPool: Sendable {
    private let arenas = Mutex<[Memory]>([])

    public init() {}

    /// An arena of at least `byteCount` bytes: one given back before, or a new one with all pages present.
    public func take(byteCount: Int) throws(InferenceError) -> Memory {
        let known = arenas.withLock { (arenas) -> Memory? in
            let fitting = arenas.indices.filter { arenas[$0].byteCount >= byteCount }
            let best = fitting.min { arenas[$0].byteCount < arenas[$1].byteCount }
            // A much larger one stays for the session that needs it.
            guard let best, arenas[best].byteCount <= byteCount * 2 + (1 << 20) else { return nil }
            return arenas.remove(at: best)
        }
        if let known { return known }
        do { return try Memory(byteCount: byteCount) } catch { throw .outOfMemory(bytes: byteCount) }
    }

    /// Gives an arena back for the next session.
    public func giveBack(_ arena: Memory) {
        arenas.withLock { $0.append(arena) }
    }
}
