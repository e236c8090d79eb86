import EventStorage
import Events
import Platform
import Testing

struct CalibrationTests {
    private static let model = String(repeating: "0af9", count: 16)

    private func calibration(_ threshold: Float = 0.5) -> StoredCalibration {
        StoredCalibration(
            inspect: "weld", model: Self.model, level: 2, ppm: 5_000, boundPPM: 4_991, threshold: threshold,
            median: 0.25, timeMilliseconds: 1_795_230_000_000,
            parts: [
                .init(score: 0.125, timeMilliseconds: -1, isReference: true),
                .init(score: 0.25, timeMilliseconds: 1_795_230_000_001, isReference: false),
                .init(score: 0.75, timeMilliseconds: .max, isReference: false),
            ],
            leaveOneOutScores: [0.5, -.leastNonzeroMagnitude, .greatestFiniteMagnitude])
    }

    @Test("a calibration is read as it was written, also by another process after a restart")
    func roundTrip() throws {
        let house = Storehouse()
        var log = try house.open()
        var written = calibration()
        #expect(try log.reader.calibration(inspect: "weld", model: Self.model) == nil)
        written.id = try log.answer { log.add(written, $0) }
        #expect(written.id == 1)
        #expect(try log.reader.calibration(inspect: "weld", model: Self.model) == written)
        #expect(try log.count("SELECT n FROM calib") == 2, "references are no sample")
        #expect(try log.count("SELECT r FROM calib") == 1)
        try log.stop()
        log = try house.open()
        let reader = try RecordReader(folder: house.folder)
        #expect(try reader.calibration(inspect: "weld", model: Self.model) == written)
        #expect(try reader.calibration(id: 1) == written)
        #expect(try reader.calibration(id: 2) == nil)
    }

    @Test("the newest calibration of an inspection and model is found, and all of them, newest first")
    func newest() throws {
        let house = Storehouse()
        let log = try house.open()
        for threshold in [0.1, 0.2, 0.3] as [Float] {
            _ = try log.answer { log.add(calibration(threshold), $0) }
        }
        var other = calibration(0.4)
        other.model = String(repeating: "b", count: 64)
        _ = try log.answer { log.add(other, $0) }
        other.inspect = "seal"
        _ = try log.answer { log.add(other, $0) }
        #expect(try log.reader.calibration(inspect: "weld", model: Self.model)?.threshold == 0.3)
        #expect(try log.reader.calibrations(inspect: "weld").map(\.threshold) == [0.4, 0.3, 0.2, 0.1])
        #expect(try log.reader.calibrations(inspect: "none") == [])
        var result = InspectionResult(job: 1, camera: 1, verdict: .ok, reason: .none)
        result.calibration = 5
        let seq = try log.commit([.result(result)]).last
        #expect(try log.reader.record(at: seq).result?.calibration == 5)
    }

    @Test("a calibration that breaks a rule is refused by name, and what rides in the same commit is stored")
    func refused() throws {
        let house = Storehouse()
        let log = try house.open()
        let changes: [(inout StoredCalibration) -> Void] = [
            { $0.inspect = "" }, { $0.model = "" }, { $0.model = Self.model.uppercased() }, { $0.level = 0 },
            { $0.level = 3 }, { $0.level = 1 }, { $0.boundPPM = nil }, { $0.ppm = nil },
            { $0.threshold = .nan }, { $0.median = .infinity }, { $0.parts[1].score = .nan },
            { $0.leaveOneOutScores[0] = -.infinity },
        ]
        for (index, change) in changes.enumerated() {
            var broken = calibration()
            change(&broken)
            let answer = Guarded<Result<Int32, EventLogError>?>(nil)
            log.add(broken) { given in answer.change { $0 = given } }
            #expect(try log.commit([result(UInt32(index) + 1)]).refused == [])
            guard case .failure(.invalidCalibration) = answer.value else {
                Issue.record("change \(index) was answered \(String(describing: answer.value))")
                continue
            }
        }
        #expect(try log.count("SELECT count(*) FROM calib") == 0)
        #expect(try log.count("SELECT count(*) FROM record WHERE kind = 1") == changes.count)
        var provisional = calibration()
        (provisional.level, provisional.ppm, provisional.boundPPM) = (1, nil, nil)
        #expect(try log.answer { log.add(provisional, $0) } == 1)
    }

    @Test("scores cut or lengthened at any byte are refused")
    func cutAnywhere() {
        let scores = CalibrationScores(
            parts: calibration().parts, leaveOneOut: calibration().leaveOneOutScores)
        let bytes = scores.encoded
        #expect(bytes.count == 12 + 13 * 3 + 4 * 3)
        #expect(CalibrationScores(bytes) == scores)
        for length in bytes.indices { #expect(CalibrationScores(Array(bytes.prefix(length))) == nil) }
        #expect(CalibrationScores(bytes + [0]) == nil)
        #expect(CalibrationScores(CalibrationScores(parts: [], leaveOneOut: []).encoded) != nil)
    }

    @Test("changed scores are refused or read as what they then say, never with a trap")
    func fuzz() {
        let bytes = CalibrationScores(
            parts: calibration().parts, leaveOneOut: calibration().leaveOneOutScores
        ).encoded
        var random = SplitMix64(seed: 3)
        for _ in 0..<20_000 {
            var copy = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                copy[Int.random(in: copy.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let read = CalibrationScores(copy) { #expect(read.encoded == copy) }
        }
    }

    @Test("a calibration whose bytes the disk has changed is an error that names it, never a trap")
    func damaged() throws {
        let house = Storehouse()
        let log = try house.open()
        _ = try log.answer { log.add(calibration(), $0) }
        try log.execute("UPDATE calib SET scores = x'4c57'")
        #expect(
            throws: EventLogError.damaged(
                path: "events.db", message: "calibration 1 has no valid 'scores'")
        ) { try log.reader.calibration(inspect: "weld", model: Self.model) }
    }
}
