import Capture
import Configuration
import Daemon
import EventStorage
import Events
import Platform
import Synchronization
import Testing

@Suite("the cameras of a station")
struct CameraLineTests {
    private static func settings(_ ids: ClosedRange<Int>) -> [CameraSettings] {
        ids.map { id in
            var settings = CameraSettings()
            (settings.id, settings.source) = (id, .simulated)
            (settings.width, settings.height) = (32, 16)
            return settings
        }
    }

    private static func line(_ folder: String, workers: Int) throws -> CameraLine {
        CameraLine(
            log: try EventLog.open(folder: folder, settings: EventStorage.StoreSettings(), boot: ""),
            alarm: try Alarm(),
            infer: InferenceSettings(), wakeUps: try (0..<workers).map { _ in try EventCounter() })
    }

    @Test("are spread evenly over the workers, and one that joins goes to the worker with the fewest")
    func spread() throws {
        let folder = try StateFolder()
        let line = try Self.line(folder.path, workers: 2)
        let units = try line.units(Self.settings(1...5), images: ImageSettings())
        #expect(units.map(\.worker) == [0, 1, 0, 1, 0])
        #expect(line.worker(beside: units) == 1)
        #expect(line.worker(beside: units.filter { $0.worker == 1 }) == 0)
    }

    @Test(
        "a camera that leaves takes none of the station's sums with it, and its number counts on where it comes back"
    )
    func sums() throws {
        let folder = try StateFolder()
        let line = try Self.line(folder.path, workers: 1)
        let units = try line.units(Self.settings(1...2), images: ImageSettings())
        let publisher = try Publisher(log: line.log, rings: [], committed: { _ in })
        defer { publisher.finish() }
        let core = StationCore(
            log: line.log, journal: DaemonLog(level: "error") { _ in }, publisher: publisher,
            tally: ResultTally(window: 50),
            alarm: line.alarm, workers: [], cameras: units)
        units[0].gate.triggerCount.store(7, ordering: .relaxed)
        units[1].gate.triggerCount.store(5, ordering: .relaxed)
        core.exchange([units[0]])
        #expect(core.triggerCount == 12 && core.unit(2) == nil)
        let again = try line.units(Self.settings(1...2), images: ImageSettings())
        core.exchange([again[1], units[0]])
        #expect(core.triggerCount == 12 && again[1].gate.triggerCount.load(ordering: .relaxed) == 5)
        core.exchange(again)
        #expect(core.triggerCount == 12 && again[0].gate.triggerCount.load(ordering: .relaxed) == 7)
        #expect(core.units.map(\.id) == [1, 2])
    }
}
