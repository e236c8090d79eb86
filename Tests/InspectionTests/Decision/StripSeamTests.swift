import CAllocationCounter
import Events
import Inspection
import Testing

/// Who reports a defect where strips overlap.
struct StripSeamTests {
    private static let height = 100, overlap = 20

    /// The findings that strips of a stream report: for each, its first and last line in the stream.
    ///
    /// - Parameter defects: first line, lines, and x of each.
    private func reported(
        _ defects: [(line: Int, count: Int, x: Int)], strips: Int = 3, forgetting: Int? = nil
    ) -> [[ClosedRange<Int>]] {
        var seam = StripSeam()
        return (0..<strips).map { number in
            let first = number * (Self.height - Self.overlap)
            var outcome = Outcome()
            outcome.verdict = .ok
            for defect in defects {
                let top = max(defect.line, first), end = min(defect.line + defect.count, first + Self.height)
                guard top < end else { continue }
                outcome.verdict = .ng
                let index = Int(outcome.findingCount)
                outcome.findings[index].box = Box(
                    x: UInt16(defect.x), y: UInt16(top - first), width: 10, height: UInt16(end - top))
                outcome.findingCount += 1
            }
            if outcome.findingCount > 0 { outcome.box = outcome.findings[0].box }
            if outcome.findingCount > 1 { outcome.flags.insert(.severalBoxes) }
            let verdict = outcome.verdict
            seam.report(&outcome, firstLine: first, lineCount: Self.height)
            if number == forgetting { seam.forget() }
            #expect(outcome.verdict == verdict)
            #expect(outcome.flags.contains(.severalBoxes) == (outcome.findingCount > 1))
            #expect(outcome.findingCount > 0 || outcome.box == Box())
            return (0..<Int(outcome.findingCount)).map { index in
                let box = outcome.findings[index].box
                return first + Int(box.y)...first + Int(box.y + box.height) - 1
            }
        }
    }

    @Test("wherever a defect lies that is no longer than the overlap, it is reported once, and whole")
    func once() {
        for count in [1, 5, Self.overlap] {
            for line in 0..<240 - count {
                let all = reported([(line, count, 30)]).flatMap { $0 }
                let whole = line...line + count - 1
                #expect(all.count { $0 == whole } == 1, "lines \(whole): \(all)")
                // A strip that has seen a part only says so before the one that has seen all.
                #expect(all.count <= 2 && all.allSatisfy { whole.contains($0.lowerBound) })
            }
        }
    }

    @Test("a defect that goes on behind the shared lines is reported again: nothing of it is hidden")
    func long() {
        for line in 40..<90 {
            let all = reported([(line, 60, 30)]).flatMap { $0 }
            let lines = Set(all.flatMap { Array($0) })
            #expect(lines == Set(line..<line + 60), "from \(line): \(all)")
        }
    }

    @Test("another defect in the shared lines that the strip before did not report is reported")
    func neighbours() {
        var seam = StripSeam()
        var first = Outcome(), second = Outcome()
        (first.findingCount, second.findingCount) = (1, 2)
        first.findings[0].box = Box(x: 10, y: 85, width: 10, height: 5)
        second.findings[0].box = Box(x: 10, y: 5, width: 10, height: 5)
        second.findings[1].box = Box(x: 60, y: 5, width: 10, height: 5)
        seam.report(&first, firstLine: 0, lineCount: Self.height)
        seam.report(&second, firstLine: 80, lineCount: Self.height)
        #expect(second.findingCount == 1 && second.box.x == 60)
    }

    @Test(
        "a strip whose only defect was reported stays NG, and its line has the box and the type of no defect")
    func withoutBox() {
        var seam = StripSeam()
        var first = Outcome(), second = Outcome()
        for (line, y) in [(0, 85), (80, 5)] as [(Int, UInt16)] {
            var outcome = Outcome()
            (outcome.verdict, outcome.reason, outcome.findingCount) = (.ng, .anomaly, 1)
            outcome.findings[0].box = Box(x: 10, y: y, width: 10, height: 5)
            outcome.findings[0].cluster = 3
            (outcome.box, outcome.cluster) = (outcome.findings[0].box, 3)
            seam.report(&outcome, firstLine: line, lineCount: Self.height)
            (first, second) = (second, outcome)
        }
        #expect(first.box.height == 5 && first.cluster == 3 && first.findingCount == 1)
        #expect(second.verdict == .ng && second.reason == .anomaly)
        #expect(second.box == Box() && second.cluster == 0 && second.findingCount == 0)
    }

    @Test("where the strip before gave no result, or lines are missing, everything is reported")
    func forgotten() {
        let defect = [(line: 85, count: 10, x: 30)]
        #expect(reported(defect).map(\.count) == [1, 0, 0])
        #expect(reported(defect, forgetting: 0).map(\.count) == [1, 1, 0])
        var seam = StripSeam()
        for (first, count) in [(0, 1), (100, 1), (0, 1)] {
            var outcome = Outcome()
            outcome.findingCount = 1
            outcome.findings[0].box = Box(x: 10, y: 5, width: 10, height: 5)
            seam.report(&outcome, firstLine: first, lineCount: Self.height)
            #expect(Int(outcome.findingCount) == count, "strip from line \(first)")
        }
    }

    @Test("looking at a full strip allocates nothing")
    func allocations() {
        var seam = StripSeam()
        var outcome = Outcome()
        var counted: UInt64 = 0
        for number in 0..<20 {
            outcome.findingCount = UInt8(Outcome.findingCapacity)
            for index in 0..<Outcome.findingCapacity {
                outcome.findings[index].box = Box(
                    x: UInt16(index * 20), y: UInt16(number % 2 == 0 ? 90 : 10), width: 10, height: 5)
            }
            let before = ca_thread_allocations()
            seam.report(&outcome, firstLine: number * 80, lineCount: Self.height)
            if number > 2 { counted += ca_thread_allocations() - before }
        }
        #expect(counted == 0)
    }
}
