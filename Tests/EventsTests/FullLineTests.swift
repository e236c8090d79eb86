import Events
import Foundation
import Testing

/// Lines of profile full, read by a parser that is not ours.
struct FullLineTests {
    @Test(
        "a line of profile full begins with the keys of profile plc, is valid JSON and keeps its limit",
        arguments: 0..<3)
    func widest(index: Int) throws {
        let record = [Widest.fullResult, Widest.event, Widest.gap][index]
        var plc = LineWriter(capacity: LineLimit.plc)
        var full = LineWriter(capacity: LineLimit.plc)
        record.append(to: &plc, profile: .plc, Delivery(backlog: 7))
        record.append(to: &full, profile: .full, Delivery(backlog: 7))
        #expect(full.bytes.starts(with: plc.bytes.dropLast(2)))
        #expect(full.bytes.count <= LineLimit.full)
        #expect(full.bytes.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(try JSONSerialization.jsonObject(with: Data(full.bytes)) is [String: Any])
    }

    @Test("what profile full adds comes back from another parser unchanged")
    func values() throws {
        var result = InspectionResult(job: 1, camera: 2, verdict: .ng, reason: .anomaly)
        (result.part, result.model, result.rawScore) = ("Gehäuse \"7\"\n", 0x0123_4567_89AB, 0.1)
        result.findings = [Finding(), Finding()]
        result.late = .init(score: 5, latencyMicroseconds: 6)
        var line = LineWriter(capacity: LineLimit.plc)
        Record(seq: 9, run: 3, body: .result(result)).append(to: &line, profile: .full, Delivery())
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any])
        #expect(object["part"] as? String == result.part)
        #expect(object["model"] as? String == "0123456789ab")
        #expect(object["raw"] as? Double == 0.1)
        #expect(object["thr_raw"] is NSNull)
        #expect((object["boxes"] as? [[String: Any]])?.count == 2)
        #expect((object["late"] as? [String: Int]) == ["sc": 5, "us": 6])
    }

    @Test("a box has its place on the material where the strip's position and scale are known, else none")
    func millimetres() throws {
        var result = InspectionResult(job: 1, camera: 1, verdict: .ng, reason: .anomaly)
        var finding = Finding()
        finding.box = Box(x: 3, y: 50, width: 4, height: 5)
        (result.findings, result.millimetres) = ([finding], 1000)
        #expect(try boxes(of: result).first?["mm"] == nil)
        result.pixelsPerMillimetre = 12.5
        #expect(try boxes(of: result).first?["mm"] as? Double == 1004)
        result.pixelsPerMillimetre = 0
        #expect(try boxes(of: result).first?["mm"] == nil)
        (result.pixelsPerMillimetre, result.millimetres) = (12.5, .infinity)
        #expect(try boxes(of: result).first?["mm"] == nil)
    }

    private func boxes(of result: InspectionResult) throws -> [[String: Any]] {
        try #require(try object(Record(seq: 9, run: 3, body: .result(result)))["boxes"] as? [[String: Any]])
    }

    private func object(_ record: Record) throws -> [String: Any] {
        var line = LineWriter(capacity: LineLimit.plc)
        record.append(to: &line, profile: .full, Delivery())
        return try #require(try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any])
    }

    @Test("a line of profile full names the boot, and pictures and mark where there are some")
    func beside() throws {
        var result = InspectionResult(job: 1, camera: 1, verdict: .ok, reason: .none)
        var object = try object(Record(seq: 9, run: 3, boot: "0123", body: .result(result)))
        #expect(object["boot"] as? String == "0123")
        #expect(object["img"] == nil && object["map"] == nil && object["mark"] == nil)
        (result.image, result.map) = (7, 8)
        result.mark = .init(verdict: .ng, box: Box(x: 1, y: 2, width: 3, height: 4), absorb: false)
        object = try self.object(Record(seq: 9, run: 3, body: .result(result)))
        #expect(object["img"] as? Int == 7 && object["map"] as? Int == 8)
        let mark = ["as": 2, "x": 1, "y": 2, "w": 3, "h": 4, "absorb": 0]
        #expect(object["mark"] as? [String: Int] == mark)
    }

    @Test("an error of profile full names the key and the remedy")
    func errors() throws {
        for number in ErrorNumber.allCases {
            var error = ErrorLine(id: 1, number)
            error.key = "deadlin\""
            var line = LineWriter(capacity: LineLimit.plc)
            error.append(to: &line, profile: .full)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any])
            #expect(object["key"] as? String == "deadlin\"")
            #expect(object["msg"] as? String == number.remedy.description)
        }
    }

    @Test("names of codes and reasons are unique, and there is a meaning for each of the eleven flags")
    func names() {
        #expect(Set(EventCode.allCases.map { $0.name.description }).count == EventCode.allCases.count)
        #expect(Set(Reason.allCases.map { $0.name.description }).count == Reason.allCases.count)
        #expect(Set(ErrorNumber.allCases.map { $0.code.description }).count == ErrorNumber.allCases.count)
        #expect(ErrorNumber.allCases.allSatisfy { $0.code.utf8CodeUnitCount <= 24 })
        #expect(RecordFlags.meanings.count == 11 && Alarms.meanings.count == 16)
    }
}
