import Daemon
import EventStorage
import Events
import Imaging
import Testing

struct MarkedEvidenceTests {
    private static let defects = [
        MarkedDefect(seq: 9, score: 3, box: Box()),
        MarkedDefect(seq: 8, score: 1, box: Box(x: 90, y: 10, width: 20, height: 20)),
        MarkedDefect(seq: 7, score: 2, box: Box(x: 200, y: 10, width: 20, height: 20)),
    ]
    private static let left = Region(x: 0, y: 0, width: 100, height: 100)

    @Test(
        "a defect counts where its box touches what the inspection looks at, or where nobody said where it is"
    )
    func regions() {
        let evidence = MarkedEvidence(Self.defects, in: [Self.left], limit: 2, median: 0.5)
        #expect(evidence.defects.map(\.seq) == [8, 9])
        #expect(evidence.accepted.map(\.seq) == [8])
        let elsewhere = Region(x: 110, y: 0, width: 90, height: 100)
        #expect(
            MarkedEvidence(Self.defects, in: [elsewhere], limit: 2, median: 0.5).defects.map(\.seq) == [9])
    }

    @Test("a limit warns of the defects that it accepts, and names the lowest")
    func warning() throws {
        let whole = Region(x: 0, y: 0, width: 320, height: 240)
        let warning = try #require(
            MarkedEvidence(Self.defects, in: [whole], limit: 2, median: 0.5).warning("weld"))
        #expect(warning.contains("accepts 2 of 3 marked defects: the lowest scores 1.0 (result 8)"))
        #expect(warning.contains("Set a limit below it"))
        let low = try #require(MarkedEvidence(Self.defects, in: [whole], limit: 2, median: 1).warning("weld"))
        #expect(low.contains("no limit finds it"))
        #expect(MarkedEvidence(Self.defects, in: [whole], limit: 0.5, median: 0.5).warning("weld") == nil)
        #expect(MarkedEvidence(Self.defects, in: [whole], limit: nil, median: 0.5).warning("weld") == nil)
        #expect(MarkedEvidence([], in: [whole], limit: 2, median: 0.5).warning("weld") == nil)
    }
}
