import Capture
import Daemon
import Events
import Imaging
import Platform
import Synchronization
import Testing

@Suite("the memory of the newest frames")
struct FrameMemoryTests {
    private static let size = Size(width: 16, height: 4)

    private static func memory(_ slotCount: Int, byteLimit: Int = 1 << 20) throws -> FrameMemory {
        try FrameMemory(
            slotCount: slotCount, frameBytes: size.pixelCount, byteLimit: byteLimit,
            heatSize: Size(width: 2, height: 1))
    }

    private static func outcome(_ job: UInt32) -> Outcome {
        var outcome = Outcome()
        (outcome.job, outcome.verdict, outcome.reason) = (job, .ng, .anomaly)
        return outcome
    }

    /// Stores a frame whose bytes all are that of its job.
    @discardableResult
    private static func store(_ job: UInt32, _ memory: FrameMemory, isHeld: Bool = false) -> Int? {
        var header = FrameHeader()
        header.sequence = job
        return unsafe memory.store(
            DrawnFrame.plain(size, UInt8(truncatingIfNeeded: job), header), outcome(job), isHeld: isHeld,
            heat: { _ in false })
    }

    private static func isWhole(_ frame: borrowing HeldFrame, _ job: UInt32) -> Bool {
        guard let view = frame.view else { return false }
        // Inside the view, by its invariant.
        let isEqual = unsafe view.bytes.prefix(size.pixelCount).allSatisfy {
            $0 == UInt8(truncatingIfNeeded: job)
        }
        return isEqual && frame.header.sequence == job && frame.outcome.job == job
    }

    /// Whether `memory` lends a whole frame of `job`.
    private static func lends(_ job: UInt32, _ memory: FrameMemory) -> Bool {
        guard let held = memory.hold(job: job) else { return false }
        return isWhole(held, job)
    }

    private static func hold(_ job: UInt32, _ memory: FrameMemory) throws -> HeldFrame {
        guard let held = memory.hold(job: job) else { throw NotLent(job: job) }
        return held
    }

    private struct NotLent: Error { let job: UInt32 }

    @Test("gives back what was stored, bit for bit, until newer frames took its place")
    func newest() throws {
        let memory = try Self.memory(4)
        #expect(memory.newestJob == 0 && !Self.lends(0, memory))
        for job in 1...10 as ClosedRange<UInt32> {
            Self.store(job, memory)
            #expect(memory.newestJob == job)
        }
        for job in 1...6 as ClosedRange<UInt32> { #expect(!Self.lends(job, memory)) }
        for job in 7...10 as ClosedRange<UInt32> { #expect(Self.lends(job, memory)) }
    }

    @Test("lends at most half of its places, and what is held never changes")
    func half() throws {
        let memory = try Self.memory(6)
        for job in 1...6 as ClosedRange<UInt32> { Self.store(job, memory) }
        let first = try Self.hold(2, memory), second = try Self.hold(4, memory)
        let third = try Self.hold(4, memory)
        #expect(!Self.lends(5, memory) && !Self.lends(6, memory))
        #expect(Self.store(7, memory, isHeld: true) == nil)
        for job in 8...40 as ClosedRange<UInt32> { Self.store(job, memory) }
        #expect(memory.newestJob == 40)
        let isUnchanged = Self.isWhole(first, 2) && Self.isWhole(second, 4) && Self.isWhole(third, 4)
        #expect(isUnchanged && !Self.lends(40, memory))
        _ = consume third
        #expect(Self.lends(40, memory))
    }

    @Test("a place that was passed on held is the taker's until it lets it go")
    func passedOn() throws {
        let memory = try Self.memory(2)
        let place = try #require(Self.store(1, memory, isHeld: true))
        for job in 2...9 as ClosedRange<UInt32> {
            #expect(Self.store(job, memory, isHeld: true) == nil)
        }
        let held = memory.adopt(place)
        let isUnchanged = Self.isWhole(held, 1)
        #expect(isUnchanged && !Self.lends(9, memory))
        _ = consume held
        #expect(Self.lends(9, memory))
        #expect(Self.store(10, memory, isHeld: true) != nil)
    }

    @Test("a frame that is too large is not kept, and the one before stays the newest")
    func tooLarge() throws {
        let memory = try Self.memory(4)
        Self.store(1, memory)
        let large = Size(width: 64, height: 64)
        let place = unsafe memory.store(
            DrawnFrame.plain(large, 2), Self.outcome(2), isHeld: true, heat: { _ in false })
        #expect(place == nil && memory.newestJob == 1)
        #expect(!Self.lends(2, memory) && Self.lends(1, memory))
        // It held nothing either.
        #expect(Self.store(3, memory, isHeld: true) != nil && Self.store(4, memory, isHeld: true) != nil)
    }

    @Test("keeps a heat-map with its frame, and none where none was made")
    func heat() throws {
        let memory = try Self.memory(2)
        _ = unsafe memory.store(DrawnFrame.plain(Self.size, 1), Self.outcome(1), isHeld: false) { heat in
            for (index, value) in [77, 200].enumerated() { unsafe heat[index] = UInt8(value) }
            return true
        }
        Self.store(2, memory)
        let heat = try Self.hold(1, memory).heat, none = try Self.hold(2, memory).heat
        #expect(heat?.values == [77, 200] && heat?.size == Size(width: 2, height: 1))
        #expect(none == nil)
    }

    @Test("takes fewer frames than asked for where all would be too many bytes, and two at least")
    func limit() throws {
        #expect(try Self.memory(100, byteLimit: 10 * 64).slotCount == 10)
        #expect(try Self.memory(100, byteLimit: 1).slotCount == 2)
        #expect(try Self.memory(7).slotCount == 7)
    }

    @Test("readers on two threads see whole frames only while a third stores, which always finds a place")
    func threads() throws {
        let memory = try Self.memory(64), seen = Atomic<Int>(0), torn = Atomic<Int>(0)
        let read: @Sendable (inout Int, StopFlag) -> Void = { _, stop in
            while !stop.isUp {
                let job = memory.newestJob
                guard let held = memory.hold(job: job) else { continue }
                if (0..<4).allSatisfy({ _ in Self.isWhole(held, job) }) {
                    seen.add(1, ordering: .relaxed)
                } else {
                    torn.add(1, ordering: .relaxed)
                }
            }
        }
        let first = try HotThread(name: "reader", state: 0, body: read)
        let second = try HotThread(name: "reader", state: 0, body: read)
        var job: UInt32 = 0, misses = 0
        while job < 20_000 || (seen.load(ordering: .relaxed) < 100 && job < 10_000_000) {
            job += 1
            Self.store(job, memory)
            if memory.newestJob != job { misses += 1 }
        }
        first.join()
        second.join()
        #expect(misses == 0 && torn.load(ordering: .relaxed) == 0)
        #expect(seen.load(ordering: .relaxed) >= 100)
    }
}
