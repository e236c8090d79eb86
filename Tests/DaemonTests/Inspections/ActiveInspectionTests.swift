import AnomalyModels
import Configuration
import Daemon
import EventStorage
import Imaging
import Inference
import Inspection
import Kernels
import ModelPackages
import Testing

@Suite("an inspection with what it judges by")
struct ActiveInspectionTests {
    private static let hour: Int64 = 3_600_000

    /// `count` good parts of scores 0.100 and more, from as many production intervals.
    private static func parts(_ count: Int, intervals: Int) -> [StoredCalibration.Part] {
        (0..<count).map { index in
            StoredCalibration.Part(
                score: 0.1 + Float(index % 100) / 10_000,
                timeMilliseconds: Int64(index * intervals / count) * hour, isReference: false)
        }
    }

    /// Taught with two pictures; the folder holds the product for as long as it is used.
    private static func taught(
        in folder: borrowing StateFolder, _ change: (inout InspectionSettings) -> Void = { _ in }
    ) throws -> ActiveInspection {
        let pictures = try TaughtWeld.pictures()
        let package = try TaughtWeld.product(pictures).write(to: folder.path, pictures: pictures)
        let building = InspectorBuilding(
            shelf: ProductShelf(folder: folder.path),
            locator: ModelLocator(searchPath: TaughtWeld.models, defaults: []), kernels: KernelTable(.best),
            pool: TensorPool())
        var settings = InspectionSettings()
        change(&settings)
        var inspection = ActiveInspection(settings)
        let product = try building.product(in: package.directory)
        inspection.product = product
        #expect(product.model == UInt64(product.digest.prefix(12), radix: 16))
        return inspection
    }

    @Test("goes from nothing over provisional to calibrated, and states a rate only then")
    func levels() throws {
        let folder = try StateFolder()
        var inspection = try Self.taught(in: folder)
        #expect(inspection.threshold == nil && inspection.rule.threshold == nil)
        #expect(inspection.calibration(parts: [], leaveOneOutScores: []) == nil)

        // 599 parts are needed for 5,000 ppm at 95 %.
        #expect(inspection.claim.fewestParts == 598)
        for (count, intervals, isCalibrated) in [
            (0, 1, false), (30, 3, false), (700, 2, false), (700, 3, true),
        ] {
            let stored = try #require(
                inspection.calibration(
                    parts: Self.parts(count, intervals: intervals), leaveOneOutScores: [0.1, 0.11]))
            #expect(stored.level == (isCalibrated ? 2 : 1), "\(count) parts from \(intervals) intervals")
            #expect((stored.ppm != nil) == isCalibrated && (stored.boundPPM != nil) == isCalibrated)
            inspection.calibration = stored
            inspection.calibration?.id = 9
            let rule = inspection.rule, threshold = try #require(inspection.threshold)
            #expect(rule.threshold == threshold && rule.calibration == 9)
            #expect(threshold.level == (isCalibrated ? .calibrated : .provisional))
            #expect(threshold.limit == stored.threshold && threshold.median == stored.median)
            if isCalibrated {
                #expect(stored.ppm == 5_000 && (1...5_000).contains(stored.boundPPM ?? 0))
                #expect(threshold.claim == inspection.claim)
            }
        }
        // Without the product the same scores mean nothing.
        inspection.product = nil
        #expect(inspection.threshold == nil)
        #expect(inspection.calibration(parts: Self.parts(700, intervals: 3), leaveOneOutScores: []) == nil)
    }

    @Test("a limit that somebody fixed counts, and claims no rate")
    func fixed() throws {
        let folder = try StateFolder()
        var inspection = try Self.taught(in: folder) {
            $0.threshold.mode = .fixed
            $0.threshold.raw = 0.25
        }
        #expect(inspection.fixedLimit == 0.25 && inspection.threshold?.limit == 0.25)
        inspection.calibration = inspection.calibration(
            parts: Self.parts(700, intervals: 3), leaveOneOutScores: [])
        #expect(inspection.calibration?.level == 1 && inspection.calibration?.boundPPM == nil)
        #expect(inspection.threshold?.level == .provisional && inspection.threshold?.claim == nil)
        // By command: wins over the settings file, either way.
        inspection.chosen = .raw(0.5)
        #expect(inspection.threshold?.limit == 0.5)
        inspection.chosen = .ppm(20_000)
        #expect(inspection.fixedLimit == nil && inspection.threshold?.level == .calibrated)
        #expect(inspection.threshold?.claim?.rate == 0.02)
    }

    @Test("is debounced on endless material only, and held where scores have drifted")
    func rules() throws {
        var settings = InspectionSettings()
        (settings.debounce.n, settings.debounce.of) = (2, 3)
        #expect(ActiveInspection(settings).rule.debounce == nil)
        settings.mode = .web
        var inspection = ActiveInspection(settings)
        #expect(inspection.rule.debounce == Debounce(needed: 2, window: 3, release: 1))
        #expect(!inspection.rule.isHeld)
        inspection.isHeld = true
        #expect(inspection.rule.isHeld && inspection.rule.band == 0.1)
    }
}
