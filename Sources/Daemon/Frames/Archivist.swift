import Capture
package import Configuration
import Crypto
package import EventStorage
import Events
import Imaging
package import Kernels
import Logging
package import Platform
import Sockets
package import Synchronization

/// The thread that turns kept frames into files, after their verdict is out and never in its way.
package final class Archivist: Sendable {
    private let thread: Mutex<HotThread?>
    package let wakeUp: EventCounter
    /// Pictures that could not be written.
    package let written: Written

    package final class Written: Sendable {
        package let dropped = Atomic<Int>(0)
    }

    /// Starts the thread. Throws if the process has none left.
    package init(
        core: StationCore, store: ImageStore, settings: ImageSettings, kernels: KernelTable,
        wakeUp: EventCounter
    ) throws(PlatformError) {
        self.wakeUp = wakeUp
        let written = Written()
        self.written = written
        let work = ArchiveWork(
            core: core, store: store, settings: settings, kernels: kernels, written: written)
        thread = Mutex(
            try HotThread(name: "archivist", state: work) { work, stop in
                while !stop.isUp {
                    work.turn()
                    wakeUp.wait(timeoutMilliseconds: 1_000, unless: { stop.isUp || work.hasWork })
                }
            })
    }

    /// Ends the thread; what was not written is left out. Blocks for the picture in hand.
    package func finish() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        thread.stop.raise()
        wakeUp.signal()
        thread.join()
    }
}

/// What the archivist does, and what it remembers.
private struct ArchiveWork: Sendable {
    let core: StationCore
    let store: ImageStore
    let settings: ImageSettings
    let kernels: KernelTable
    let written: Archivist.Written
    private var droppedBefore = 0
    private var droppedSaid = 0

    init(
        core: StationCore, store: ImageStore, settings: ImageSettings, kernels: KernelTable,
        written: Archivist.Written
    ) {
        (self.core, self.store, self.settings) = (core, store, settings)
        (self.kernels, self.written) = (kernels, written)
    }

    var hasWork: Bool { core.units.contains { $0.lane.archive.count > 0 } }

    mutating func turn() {
        for unit in core.units {
            while let item = unit.lane.archive.pop() {
                save(unit.lane.memory.adopt(item.place), job: item.job)
            }
        }
        sayDropped()
    }

    private func save(_ frame: consuming HeldFrame, job: UInt32) {
        guard let seq = number(of: job) else { return drop() }
        do {
            let picture = try FramePicture(frame, kernels: kernels)
            let isPNG = settings.format == .png
            let bytes = try isPNG ? picture.png() : picture.jpeg(quality: settings.jpegQuality)
            try write(bytes, seq: seq, kind: .frame, format: isPNG ? .png : .jpeg)
            guard settings.heatmap, let heated = try picture.heated() else { return }
            try write(
                heated.encodedAsJPEG(quality: settings.jpegQuality), seq: seq, kind: .map, format: .jpeg)
        } catch {
            drop()
            core.journal.say(.warning, "store", "The picture of result \(seq) is not kept: \(error)")
        }
    }

    private func write(_ bytes: [UInt8], seq: UInt64, kind: ImageStore.Kind, format: ImageStore.Format) throws
    {
        let digest = Array(SHA256.hash(data: bytes))
        switch try store.save(bytes, digest: digest, seq: seq, kind: kind, format: format) {
        case .saved:
            core.picturesWritten.add(1, ordering: .relaxed)
            core.update { $0.present.subtract([.imagesOff, .diskLow]) }
        case .diskLow(let free):
            if !core.state.present.contains(.diskLow) {
                core.raise(Event(.diskLow, severity: .warning, a: Int32(clamping: free >> 20)))
            }
            core.update { $0.present.formUnion([.imagesOff, .diskLow]) }
            drop()
        case .tooLarge: drop()
        }
    }

    /// The number that the result of `job` got; it is committed a moment after its frame came here.
    private func number(of job: UInt32) -> UInt64? {
        for _ in 0..<100 {
            if let seq = try? core.log.reader.seq(ofJob: job) { return seq }
            MonotonicClock.sleep(nanoseconds: 20_000_000)
        }
        return nil
    }

    private func drop() { written.dropped.add(1, ordering: .relaxed) }

    /// Event 1207 for what was left out, at most once a minute.
    private mutating func sayDropped() {
        let lanes = core.units.reduce(0) { $0 + $1.lane.droppedPictures.load(ordering: .relaxed) }
        let dropped = lanes + written.dropped.load(ordering: .relaxed)
        guard dropped > droppedBefore, MonotonicClock.now - droppedSaid > 60_000_000_000 else { return }
        core.raise(Event(.imagesDropped, severity: .warning, a: Int32(clamping: dropped - droppedBefore)))
        (droppedBefore, droppedSaid) = (dropped, MonotonicClock.now)
    }
}
