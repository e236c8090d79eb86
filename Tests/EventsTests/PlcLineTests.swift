import Events
import Foundation
import Testing

/// Protocol lines of profile plc, read by a parser that is not ours.
struct PlcLineTests {
    /// Every number at its widest.
    static let widest: [(keys: String, limit: Int, bytes: [UInt8])] = {
        let seq = LineLimit.seq
        let u32 = UInt32.max
        var lines: [(String, Int, [UInt8])] = []
        func add(_ keys: String, _ limit: Int, _ write: (inout LineWriter) -> Void) {
            var line = LineWriter(capacity: LineLimit.plc)
            write(&line)
            lines.append((keys, limit, line.bytes))
        }
        let delivery = Delivery(backlog: .max, isHistorical: true, isDurable: false)
        for record in [Widest.result, Widest.event, Widest.gap] {
            add(Widest.keys(of: record), Widest.limit(of: record)) {
                record.append(to: &$0, profile: .plc, delivery)
            }
        }
        add("t seq from to", 100) { $0.putSkip(from: seq, to: seq) }
        add("t seq", 40) { $0.putCommit(upTo: seq) }
        for reason in FarewellReason.allCases {
            add("t why code retry", 70) { $0.putFarewell(reason, retry: .max) }
        }
        add("t n st rdy al first last bk ms cfg ts", 166) {
            Widest.status.append(beat: u32, to: &$0, first: seq, last: seq, backlog: .max)
        }
        add("t id st rdy err al rcp armed cok q free last acked bk cfg ts", 226) {
            Widest.status.append(to: &$0, id: Widest.id, last: seq, acked: 0)
        }
        add("t id run up tr ok ng un iv ms lost p50 p99 dl", 227) {
            Widest.statistics.append(to: &$0, id: Widest.id)
        }
        add("t proto minor srv station log run first last hb max cfg st", 221) {
            Widest.greeting.append(to: &$0)
        }
        let ok: [(String, OKLine.Keys)] = [
            ("t id", .none), ("t id acked", .acked(seq)),
            ("t id acked credit", .subscribed(acked: seq, credit: 1_024)),
            (
                "t id role acked first last hb credit",
                .hello(role: 3, acked: seq, first: seq, last: seq, heartbeat: 10_000)
            ),
            (
                "t id job cam dl ts",
                .job(u32, camera: 32, deadline: 60_000, timeMilliseconds: .max)
            ),
        ]
        for (keys, value) in ok { add(keys, 135) { OKLine(id: Widest.id, value).append(to: &$0) } }
        for number in ErrorNumber.allCases {
            var error = ErrorLine(id: Widest.id, number)
            (error.retry, error.a, error.b) = (.max, seq, seq)
            (error.key, error.message) = ("never shown", "never shown")
            add("t id num code retry a b", 131) { error.append(to: &$0, profile: .plc) }
        }
        add("t id n next last more acked", 118) {
            PollEnd(id: Widest.id, count: 256, next: seq, last: seq, acked: seq).append(to: &$0)
        }
        return lines
    }()

    @Test("no line of profile plc is longer than the protocol's worst case, with every field at its widest")
    func widths() {
        for line in Self.widest {
            let text = String(decoding: line.bytes, as: UTF8.self)
            #expect(
                line.bytes.count <= line.limit && line.bytes.count <= LineLimit.plc,
                "\(line.bytes.count): \(text)")
            #expect(line.bytes.last == UInt8(ascii: "\n"))
            #expect(
                line.bytes.dropLast().allSatisfy { 33...126 ~= $0 && $0 != UInt8(ascii: "\\") }, "\(text)")
        }
    }

    @Test("every line of profile plc is one flat object of integers and strings with its keys in fixed order")
    func keysInOrder() throws {
        for line in Self.widest {
            let object = try JSONSerialization.jsonObject(with: Data(line.bytes))
            let members = try #require(object as? [String: Any])
            let text = String(decoding: line.bytes, as: UTF8.self)
            let keys = line.keys.split(separator: " ").map(String.init)
            #expect(Set(members.keys) == Set(keys), "\(text)")
            let places = keys.map { text.range(of: "\"\($0)\":")?.lowerBound }
            #expect(
                places.allSatisfy { $0 != nil } && places.map { $0! } == places.map { $0! }.sorted(),
                "\(text)")
            #expect(!text.contains(".") && !text.contains("null") && !text.contains("true"))
        }
    }

    @Test("what the protocol prints as examples is what is written, byte for byte")
    func examples() {
        var result = InspectionResult(job: 88, camera: 1, verdict: .ng, reason: .anomaly)
        (result.partNumber, result.score, result.cluster) = (4_711, 13_250, 3)
        result.box = Box(x: 512, y: 88, width: 40, height: 22)
        (result.encoder, result.latencyMicroseconds, result.timeMilliseconds) = (
            188_204, 41_200, 1_795_230_293_123
        )
        var line = LineWriter(capacity: LineLimit.plc)
        Record(seq: 5_834, run: 42, body: .result(result)).append(to: &line, profile: .plc, Delivery())
        #expect(
            String(decoding: line.bytes, as: UTF8.self) == """
                {"t":"r","seq":5834,"job":88,"pn":4711,"v":2,"rs":30,"fl":0,"sc":13250,"cl":3,"cam":1,"x":512,"y":88,\
                "w":40,"h":22,"en":188204,"us":41200,"ts":1795230293123,"bk":0}

                """)
        line.removeAll()
        var busy = ErrorLine(id: 10, .busy)
        busy.retry = 25
        busy.append(to: &line, profile: .plc)
        #expect(
            String(decoding: line.bytes, as: UTF8.self)
                == "{\"t\":\"err\",\"id\":10,\"num\":13,\"code\":\"busy\",\"retry\":25,\"a\":0,\"b\":0}\n")
    }

    @Test("historical and not-yet-durable are set at delivery and never taken from the log")
    func deliveryFlags() throws {
        var event = Event(.runStarted, severity: .info)
        event.flags = RecordFlags(rawValue: .max)
        let record = Record(seq: 1, run: 1, body: .event(event))
        for (delivery, flags) in [
            (Delivery(), 0x7DB), (Delivery(isHistorical: true), 0x7DF), (Delivery(isDurable: false), 0x7FB),
        ] {
            var line = LineWriter(capacity: LineLimit.plc)
            record.append(to: &line, profile: .plc, delivery)
            let object = try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any]
            #expect(object?["fl"] as? Int == flags)
        }
    }

    @Test("a writer that has its memory does not move its buffer for any line of profile plc")
    func bufferStays() {
        var line = LineWriter(capacity: LineLimit.plc)
        let before = unsafe line.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        for _ in 0..<3 {
            line.removeAll()
            Widest.result.append(to: &line, profile: .plc, Delivery())
        }
        let after = unsafe line.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        #expect(before == after)
    }
}
