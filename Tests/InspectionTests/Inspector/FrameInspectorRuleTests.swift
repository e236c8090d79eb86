import AnomalyModels
import CAllocationCounter
import Events
import Foundation
import Imaging
import Inspection
import Platform
import Testing

@Suite("the inspector of a camera's frames, by its rules")
struct FrameInspectorRuleTests {
    private static let size = Size(width: 128, height: 64)
    private static let left = DrawnParts.region(Region(x: 0, y: 0, width: 64, height: 64), tile: 64)
    private static let right = DrawnParts.region(Region(x: 64, y: 0, width: 64, height: 64), tile: 64)
    private static let leftBlot = Region(x: 24, y: 24, width: 16, height: 16)
    private static let rightBlot = Region(x: 88, y: 24, width: 16, height: 16)

    private static func good(_ seed: UInt64 = 9) -> [UInt8] { DrawnParts.pixels(size, seed) }
    private static func bad(_ blots: Region..., seed: UInt64 = 9) -> [UInt8] {
        DrawnParts.pixels(size, seed, blots: blots)
    }

    @Test("one inspection that says NG is enough, and the result names its model and its calibration")
    func combination() throws {
        let one = try DrawnParts.lesson(size: Self.size, Self.left)
        let two = try DrawnParts.lesson(size: Self.size, Self.right)
        let inspector = try DrawnParts.inspector(
            [one.plan(0, model: 1), two.plan(1, model: 2)],
            [one.rule(calibration: 11), two.rule(calibration: 12)], Self.size)
        #expect(try inspector.verdict(on: Self.good()).verdict == .ok)
        for (blot, model) in [(Self.leftBlot, 1), (Self.rightBlot, 2)] {
            let outcome = try inspector.verdict(on: Self.bad(blot))
            #expect(outcome.verdict == .ng && outcome.reason == .anomaly)
            #expect(outcome.model == UInt64(model) && outcome.calibration == Int32(10 + model))
            #expect((0..<2).map { outcome.regions[$0].inspection } == [0, 1])
            #expect(outcome.regions[model - 1].verdict == .ng && outcome.regions[2 - model].verdict == .ok)
        }
    }

    @Test("the inspection that decides is named, though another one that is only UNSURE scores higher")
    func deciding() throws {
        let one = try DrawnParts.lesson(size: Self.size, Self.left)
        let two = try DrawnParts.lesson(size: Self.size, Self.right)
        let probe = try DrawnParts.inspector([one.plan()], [one.rule()], Self.size)
        let raw = try probe.verdict(on: Self.bad(Self.leftBlot)).rawScore
        // A limit just below the left score, and for the right region a band so wide that nothing is NG.
        let barely = InspectionRule(
            threshold: GoodParts(parts: []).threshold(fixedAt: raw * 0.99), band: 0, calibration: 11)
        let inspector = try DrawnParts.inspector(
            [two.plan(0, model: 2), one.plan(1, model: 1)],
            [
                InspectionRule(
                    threshold: GoodParts(parts: []).threshold(fixedAt: raw * 0.55), band: 1, calibration: 12),
                barely,
            ], Self.size)
        let outcome = try inspector.verdict(on: Self.bad(Self.leftBlot, Self.rightBlot))
        #expect(outcome.regionReasons == [.inBand, .anomaly])
        #expect(outcome.regions[0].score > outcome.regions[1].score)
        #expect(outcome.verdict == .ng && outcome.score == outcome.regions[1].score)
        #expect(outcome.model == 1 && outcome.calibration == 11 && outcome.rawThreshold == raw * 0.99)
    }

    @Test("an untaught inspection beside a taught one makes good parts UNSURE, and NG stays NG")
    func partlyTaught() throws {
        let one = try DrawnParts.lesson(size: Self.size, Self.left)
        let none = InspectionPlan(index: 1, name: "seam", regions: [Self.right], taught: nil)
        let inspector = try DrawnParts.inspector(
            [one.plan(), none], [one.rule(), InspectionRule(threshold: nil, band: 0)], Self.size)
        let good = try inspector.verdict(on: Self.good())
        #expect(good.verdict == .unsure && good.reason == .uncalibrated)
        #expect(try inspector.verdict(on: Self.bad(Self.leftBlot)).verdict == .ng)
    }

    @Test("on endless material a defect counts from the second strip of three on; rules are taken in between")
    func debounced() throws {
        let lesson = try DrawnParts.lesson(size: Self.size, Self.left)
        var rule = lesson.rule()
        rule.debounce = Debounce(needed: 2, window: 3, release: 1)
        let inspector = try DrawnParts.inspector([lesson.plan()], [rule], Self.size)
        let frames = [false, true, false, true, true, false, false, true]
        let outcomes = try frames.map { isBad in
            try inspector.verdict(on: isBad ? Self.bad(Self.leftBlot) : Self.good())
        }
        #expect(
            outcomes.map(\.reason) == [
                .none, .debounce, .none, .anomaly, .anomaly, .none, .none, .debounce,
            ])
        #expect(outcomes.map { $0.flags.contains(.debounced) }.filter { $0 }.count == 2)
        // The same numbers again: the history stays.
        rule.calibration = 8
        _ = inspector.newRules.put([rule])
        inspector.exchangeRules()
        let next = try inspector.verdict(on: Self.bad(Self.leftBlot))
        #expect(next.verdict == .ng && next.calibration == 8)
        // Timing a look leaves no trace in it, and other numbers begin anew.
        rule.debounce = Debounce(needed: 2, window: 4, release: 1)
        _ = inspector.newRules.collect()
        _ = inspector.newRules.put([rule])
        inspector.exchangeRules()
        #expect(try inspector.verdict(on: Self.bad(Self.leftBlot)).reason == .debounce)
    }

    @Test("what is held for drift is never OK")
    func held() throws {
        let lesson = try DrawnParts.lesson(size: Self.size, Self.left)
        var rule = lesson.rule()
        rule.isHeld = true
        let inspector = try DrawnParts.inspector([lesson.plan()], [rule], Self.size)
        #expect(try inspector.verdict(on: Self.good()).reason == .driftHold)
        #expect(try inspector.verdict(on: Self.bad(Self.leftBlot)).reason == .anomaly)
    }

    @Test("the heat-map glows where the defect is, stays cool elsewhere, and is 0 where nothing is looked at")
    func heat() throws {
        let lesson = try DrawnParts.lesson(size: Self.size, Self.left)
        let inspector = try lesson.inspector(Self.size)
        #expect(inspector.heatSize == Size(width: 16, height: 8))
        _ = try inspector.verdict(on: Self.bad(Self.leftBlot))
        let heat = Self.heat(of: inspector)
        // The blot covers the cells 3 and 4 each way.
        for row in 3...4 {
            for column in 3...4 { #expect(heat[16 * row + column] > 128, "\(column), \(row)") }
        }
        for row in 0..<8 { #expect(heat[16 * row + 8..<16 * row + 16].allSatisfy { $0 == 0 }) }
        #expect(heat[0] < 128 && heat[16 * 7] < 128)
        _ = try inspector.verdict(on: Self.good())
        let cool = Self.heat(of: inspector)
        #expect(cool.contains { $0 > 0 })
        #expect(cool.filter { $0 > 128 }.isEmpty)
    }

    @Test("a region that is scaled down leaves no cell of its heat-map cold")
    func coarseHeat() throws {
        let size = Size(width: 2_048, height: 1_024)
        let region = DrawnParts.region(Region(all: size))
        // Cells of the score map are larger than those of the heat-map.
        #expect(size.width / (region.input.width / 2) > FrameInspector.heatCell)
        let bank = try DrawnParts.lesson(size: Self.size, Self.left)
        let lesson = DrawnParts.Lesson(regions: [region], banks: bank.banks, threshold: bank.threshold)
        let inspector = try lesson.inspector(size)
        _ = try inspector.verdict(on: DrawnParts.pixels(size, 3))
        #expect(Self.heat(of: inspector).allSatisfy { $0 > 0 })
    }

    private static func heat(of inspector: FrameInspector) -> [UInt8] {
        let count = inspector.heatSize.pixelCount
        // As many bytes as the map has cells.
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { heat, filled in
            unsafe inspector.writeHeat(into: heat)
            filled = count
        }
    }

    @Test("looking at frames, good or bad, and drawing their heat-maps allocates nothing")
    func allocations() throws {
        let lesson = try DrawnParts.lesson(Self.size, [Self.left, Self.right])
        let inspector = try lesson.inspector(Self.size)
        let frames = [Self.good(1), Self.bad(Self.leftBlot), Self.bad(Self.rightBlot, Self.leftBlot)]
        var heat = [UInt8](repeating: 0, count: inspector.heatSize.pixelCount)
        func look(_ count: Int) throws {
            for index in 0..<count {
                _ = try inspector.verdict(on: frames[index % 3])
                // The array has a byte for each cell.
                unsafe heat.withUnsafeMutableBufferPointer { unsafe inspector.writeHeat(into: $0) }
            }
        }
        try look(6)
        let isLong = ProcessInfo.processInfo.environment["LINEWATCH_LONG"] == "1"
        let before = ca_thread_allocations()
        try look(isLong ? 10_000 : 1_000)
        #expect(ca_thread_allocations() - before == 0)
    }
}

extension DrawnParts {
    fileprivate static func lesson(size: Size, _ region: TaughtRegion) throws -> Lesson {
        try lesson(size, [region])
    }
}
