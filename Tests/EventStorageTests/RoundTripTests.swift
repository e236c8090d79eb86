import EventStorage
import Events
import Platform
import Testing

struct RoundTripTests {
    private func widest() -> InspectionResult {
        var result = InspectionResult(job: 4_000_000_000, camera: 32, verdict: .ng, reason: .newCluster)
        result.partNumber = .max
        result.part = String(repeating: "ü", count: 24)
        result.flags = RecordFlags(rawValue: 0x7FF).subtracting([.historical, .notYetDurable])
        result.score = 9_999_999
        result.cluster = .max
        result.box = Box(x: .max, y: .max, width: .max, height: .max)
        result.rawScore = .greatestFiniteMagnitude
        result.rawThreshold = .leastNonzeroMagnitude
        result.encoder = .min
        result.lines = .max
        result.validLines = .max
        result.millimetres = -12345.678
        result.pixelsPerMillimetre = 12.5
        result.driverSequence = .max
        result.exposureMicroseconds = .max
        result.latencyMicroseconds = .max
        result.timeMilliseconds = 9_999_999_999_999
        result.monotonicNanoseconds = .max
        result.recipe = .max
        result.model = 0xFFFF_FFFF_FFFF
        result.stageMicroseconds = [.max, 0, 1, 2, 3]
        var finding = Finding()
        finding.box = result.box
        (finding.score, finding.cluster, finding.area) = (9_999_999, .max, .max)
        result.findings = Array(repeating: finding, count: 32)
        var region = RegionVerdict()
        (region.inspection, region.region, region.score) = (255, 255, .max)
        result.regions = Array(repeating: region, count: 16)
        result.late = .init(score: .max, latencyMicroseconds: .max)
        result.image = .max
        return result
    }

    @Test("a result with every field at its widest is read as it was written")
    func widestResult() throws {
        let house = Storehouse()
        let log = try house.open()
        let seq = try log.commit([.result(widest())]).last
        #expect(try log.reader.record(at: seq) == Record(seq: seq, run: 1, body: .result(widest())))
        try log.stop()
    }

    @Test("a result with nothing but what it needs is read as it was written")
    func narrowestResult() throws {
        let house = Storehouse()
        let log = try house.open()
        let result = InspectionResult(job: 1, camera: 1, verdict: .ok, reason: .none)
        let seq = try log.commit([.result(result)]).last
        #expect(try log.reader.record(at: seq).body == .result(result))
    }

    @Test("an event of every code is read as it was written")
    func events() throws {
        let house = Storehouse()
        let log = try house.open()
        let events = EventCode.allCases.map { code in
            var event = Event(code, severity: .critical, camera: 3, a: .min, b: .max)
            event.detail = "{\"x\":\"\(code)\"}"
            event.timeMilliseconds = 5
            return event
        }
        try log.commit(events.map(Record.Body.event))
        let read = try log.reader.records(after: 1, limit: 100).compactMap(\.event)
        #expect(read == events)
    }

    @Test("what only delivery knows is not stored")
    func deliveryFlags() throws {
        let house = Storehouse()
        let log = try house.open()
        var result = InspectionResult(job: 1, camera: 1, verdict: .ok, reason: .none)
        result.flags = [.historical, .notYetDurable, .simulated]
        let seq = try log.commit([.result(result)]).last
        #expect(try log.reader.record(at: seq).result?.flags == .simulated)
    }

    @Test("a result with an unknown calibration is stored without it rather than not at all")
    func unknownCalibration() throws {
        let house = Storehouse()
        let log = try house.open()
        var result = InspectionResult(job: 1, camera: 1, verdict: .ok, reason: .none)
        result.calibration = 12
        let receipt = try log.commit([.result(result)])
        #expect(receipt.refused == [])
        #expect(try log.reader.record(at: receipt.last).result?.calibration == 0)
    }

    @Test("a detail is read as it was written")
    func detail() {
        let detail = RecordDetail(widest())
        #expect(RecordDetail(detail.text) == detail)
        #expect(RecordDetail(InspectionResult(job: 1, camera: 1, verdict: .ok, reason: .none)).text == "")
    }

    @Test("a changed or cut detail is refused or read as what it then says, never with a trap")
    func detailFuzz() {
        var small = widest()
        small.findings = Array(small.findings.prefix(2))
        small.regions = Array(small.regions.prefix(2))
        let bytes = Array(RecordDetail(small).text.utf8)
        for length in bytes.indices {
            #expect(
                RecordDetail(String(decoding: bytes.prefix(length), as: UTF8.self)) == nil, "cut at \(length)"
            )
        }
        var random = SplitMix64(seed: 2)
        let alphabet = Array("0123456789[]{},\":abmx.-e".utf8)
        for _ in 0..<20_000 {
            var copy = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                copy[Int.random(in: copy.indices, using: &random)] = alphabet.randomElement(using: &random)!
            }
            if let detail = RecordDetail(String(decoding: copy, as: UTF8.self)) {
                #expect(RecordDetail(detail.text) == detail)
            }
        }
    }
}
