package import Capture
package import Events
package import Imaging
package import Platform
import Synchronization

// THE NEWEST FRAMES
//
// Each place is idle, being written by the inspection worker (state -1), or held by some readers (state > 0). The
// worker goes round and passes over what is held; at most half of all places may be held, so that it always finds
// one. A reader first holds a place and then looks whether the frame is still the one that it wanted.

/// The newest frames of one camera, bit-exact, in memory that is there from the start.
///
/// One thread stores; any may hold. Nothing waits for anything.
@safe
package final class FrameMemory: @unchecked Sendable {
    // @unchecked: the plain fields of a place are written in state -1 and read in states above 0 only.
    private struct Place: ~Copyable {
        let state = Atomic<Int>(0)
        let job = Atomic<UInt32>(0)
        var header = FrameHeader()
        var format: StreamFormat?
        var byteCount = 0
        var outcome = Outcome()
        var hasHeat = false
    }

    package let slotCount: Int
    package let slotBytes: Int
    package let heatSize: Size
    private let memory: Memory
    private let heat: Memory
    private let places: UnsafeMutablePointer<Place>
    private let heldCount = Atomic<Int>(0)
    private let newest = Atomic<UInt32>(0)
    private var next = 0

    /// Room for `slotCount` frames of at most `frameBytes` bytes, fewer if all would take more than `byteLimit`, and
    /// two at least. Throws if the kernel has no memory.
    package init(slotCount: Int, frameBytes: Int, byteLimit: Int, heatSize: Size) throws(PlatformError) {
        let slotBytes = (frameBytes + 63) & ~63
        let count = max(2, min(slotCount, byteLimit / max(slotBytes, 1)))
        (self.slotCount, self.slotBytes, self.heatSize) = (count, slotBytes, heatSize)
        memory = try Memory(byteCount: count * slotBytes)
        heat = try Memory(byteCount: max(64, count * heatSize.pixelCount))
        unsafe places = .allocate(capacity: count)
        for index in 0..<count { unsafe (places + index).initialize(to: Place()) }
    }

    deinit {
        unsafe places.deinitialize(count: slotCount)
        unsafe places.deallocate()
    }

    /// The job of the newest frame; 0 before the first.
    package var newestJob: UInt32 { newest.load(ordering: .acquiring) }

    /// Copies `frame`, which `outcome` is about, and returns its place; nil if it does not fit.
    ///
    /// - Parameters:
    ///   - isHeld: the place comes back held, for whoever the caller passes it on to; nil if too many are held.
    ///   - writeHeat: fills the heat-map, and says whether there is one.
    ///
    /// Allocation-free. For the one thread that stores.
    package func store(
        _ frame: borrowing Frame, _ outcome: Outcome, isHeld: Bool,
        heat writeHeat: (UnsafeMutableBufferPointer<UInt8>) -> Bool
    ) -> Int? {
        guard let index = takePlace() else { return nil }
        let byteCount = frame.withBytes { bytes -> Int in
            guard bytes.byteCount <= slotBytes else { return 0 }
            // The place is this thread's while its state is -1, and as large as was just compared.
            unsafe bytes.withUnsafeBytes { source in
                guard let base = source.baseAddress else { return }
                unsafe (memory.base + index * slotBytes).copyMemory(from: base, byteCount: source.count)
            }
            return bytes.byteCount
        }
        unsafe places[index].header = frame.header
        unsafe places[index].format = frame.format
        unsafe places[index].byteCount = byteCount
        unsafe places[index].outcome = outcome
        unsafe places[index].hasHeat = unsafe writeHeat(heatBytes(index))
        unsafe places[index].job.store(byteCount > 0 ? outcome.job : 0, ordering: .relaxed)
        let isPassedOn = isHeld && byteCount > 0 && countHold()
        unsafe places[index].state.store(isPassedOn ? 1 : 0, ordering: .releasing)
        if byteCount > 0 { newest.store(outcome.job, ordering: .releasing) }
        return isPassedOn ? index : nil
    }

    private func takePlace() -> Int? {
        for _ in 0..<slotCount {
            let index = next
            next = (next + 1) % slotCount
            let isTaken = unsafe places[index].state.compareExchange(
                expected: 0, desired: -1, ordering: .acquiring
            ).exchanged
            if isTaken { return index }
        }
        return nil
    }

    private func heatBytes(_ index: Int) -> UnsafeMutableBufferPointer<UInt8> {
        // Inside: `heat` has a map for each place.
        unsafe UnsafeMutableBufferPointer(
            start: (heat.base + index * heatSize.pixelCount).assumingMemoryBound(to: UInt8.self),
            count: heatSize.pixelCount)
    }

    // MARK: Readers

    /// The frame of `job`, held until the value ends; nil if it is no longer here, or too many are held.
    package func hold(job: UInt32) -> HeldFrame? {
        guard job != 0 else { return nil }
        for index in 0..<slotCount where unsafe places[index].job.load(ordering: .relaxed) == job {
            guard countHold() else { return nil }
            guard raise(index) else {
                heldCount.subtract(1, ordering: .relaxed)
                return nil
            }
            let held = HeldFrame(memory: self, index: index)
            guard unsafe places[index].job.load(ordering: .relaxed) == job else { return nil }
            return held
        }
        return nil
    }

    /// The frame in a place that `store` returned held.
    package func adopt(_ index: Int) -> HeldFrame { HeldFrame(memory: self, index: index) }

    /// Counts one more hold, unless that would be more than half of all places.
    private func countHold() -> Bool {
        // Counted first and looked at then: of two threads at the limit only one gets in.
        guard heldCount.add(1, ordering: .relaxed).newValue > slotCount / 2 else { return true }
        heldCount.subtract(1, ordering: .relaxed)
        return false
    }

    private func raise(_ index: Int) -> Bool {
        while true {
            let state = unsafe places[index].state.load(ordering: .relaxed)
            guard state >= 0 else { return false }
            let isRaised = unsafe places[index].state.compareExchange(
                expected: state, desired: state + 1, ordering: .acquiring
            ).exchanged
            if isRaised { return true }
        }
    }

    fileprivate func release(_ index: Int) {
        unsafe places[index].state.subtract(1, ordering: .releasing)
        heldCount.subtract(1, ordering: .relaxed)
    }

    fileprivate func header(_ index: Int) -> FrameHeader { unsafe places[index].header }
    fileprivate func format(_ index: Int) -> StreamFormat? { unsafe places[index].format }
    fileprivate func outcome(_ index: Int) -> Outcome { unsafe places[index].outcome }

    fileprivate func view(_ index: Int) -> ImageView? {
        guard let format = unsafe places[index].format else { return nil }
        // Inside: the bytes were counted against the place when they came.
        let bytes = unsafe UnsafeRawBufferPointer(
            start: memory.base + index * slotBytes, count: places[index].byteCount)
        return try? unsafe ImageView(
            unsafeBytes: bytes, format: format.pixelFormat, size: format.size, bytesPerRow: format.bytesPerRow
        )
    }

    fileprivate func heatMap(_ index: Int) -> [UInt8]? {
        unsafe places[index].hasHeat ? unsafe Array(heatBytes(index)) : nil
    }
}

/// A frame of the memory that stays as it is for as long as this value lives.
package struct HeldFrame: ~Copyable, Sendable {
    private let memory: FrameMemory
    private let index: Int

    fileprivate init(memory: FrameMemory, index: Int) { (self.memory, self.index) = (memory, index) }

    deinit { memory.release(index) }

    package var header: FrameHeader { memory.header(index) }
    package var outcome: Outcome { memory.outcome(index) }
    package var format: StreamFormat? { memory.format(index) }

    /// The pixels; valid while this value lives.
    package var view: ImageView? { memory.view(index) }

    /// The heat-map and its size; nil where none was made.
    package var heat: (size: Size, values: [UInt8])? {
        memory.heatMap(index).map { (memory.heatSize, $0) }
    }
}
