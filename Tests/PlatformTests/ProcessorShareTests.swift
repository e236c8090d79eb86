import Glibc
import Platform
import Testing

struct ProcessorShareTests {
    /// Policy and niceness of a thread that took `share`.
    private static func taken(_ share: ProcessorShare) throws -> [Int32] {
        let found = Ring<[Int32]>(capacity: 1)
        let thread = try HotThread(name: "share", state: found) { found, _ in
            share.take()
            _ = found.push([sched_getscheduler(0), getpriority(Int32(PRIO_PROCESS.rawValue), 0)])
        }
        thread.join()
        return try #require(found.pop())
    }

    @Test("a thread that takes a share gives up priority for itself")
    func shares() throws {
        // 0 is SCHED_OTHER, 5 SCHED_IDLE.
        #expect(try Self.taken(.low) == [0, 5])
        #expect(try Self.taken(.rest)[0] == 5)
    }
}
