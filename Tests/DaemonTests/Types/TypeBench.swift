import Daemon
import EventStorage
import Events
import Platform
import Testing

import struct Events.Record

/// A log with a ledger of types, and defects of kinds that are far apart.
final class TypeBench {
    private(set) var log: EventLog
    private(set) var ledger: TypeLedger
    /// Of the next defect, milliseconds since 1970.
    private(set) var time: Int64 = 1_795_230_000_000
    private let folder: StateFolder
    private var random = SplitMix64(seed: 0xDEF)
    private var count = 0
    /// A direction for each kind.
    private let kinds: [[Float]]

    init() throws {
        folder = try StateFolder()
        var random = SplitMix64(seed: 9)
        kinds = (0..<8).map { _ in (0..<128).map { _ in Self.normal(&random) } }
        log = try Self.open(folder.path)
        ledger = try TypeLedger(log.reader, head: "head", similarity: 0.4)
        connect()
    }

    private static func open(_ folder: String) throws -> EventLog {
        var settings = StoreSettings()
        (settings.ballastBytes, settings.groupCommit) = (4 << 20, .zero)
        return try EventLog.open(folder: folder, settings: settings)
    }

    private func connect() {
        ledger.know(["weld"])
        log.takeTypes(from: ledger.source)
    }

    /// Ends the log as a kill would, and begins anew with what it holds.
    func kill(head: String = "head") throws {
        log.abandon()
        log = try Self.open(folder.path)
        ledger = try TypeLedger(log.reader, head: head, similarity: 0.4)
        connect()
    }

    private static func normal(_ random: inout SplitMix64) -> Float {
        // The sum of twelve uniform numbers has variance 1.
        (0..<12).reduce(-6) { sum, _ in sum + Float(random.next() >> 40) / 16_777_216 }
    }

    private func codes(_ kind: Int) -> [Int8] {
        let vector = kinds[kind].map { $0 + 0.5 * Self.normal(&random) }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { Int8(clamping: Int((127 * $0 / length).rounded())) }
    }

    /// Commits `count` NG results of the first `kinds` kinds in turn, four minutes apart; `pn` says which kind. Returns
    /// them as they were committed.
    @discardableResult
    func stream(_ count: Int, kinds: Int) throws -> [InspectionResult] {
        var results: [InspectionResult] = []
        for _ in 0..<count {
            var result = InspectionResult(job: log.takeJob(), camera: 1, verdict: .ng, reason: .anomaly)
            (result.partNumber, result.timeMilliseconds) = (UInt32(self.count % kinds), time)
            var finding = Finding()
            finding.box = Box(x: 3, y: 4, width: 20, height: 10)
            result.findings = [finding]
            result.embeddings = [
                DefectEmbedding(
                    finding: 0, inspection: DefectDescription.number(of: "weld"),
                    codes: codes(self.count % kinds))
            ]
            var bodies: [Record.Body] = [.result(result)]
            ledger.complete(&bodies)
            try log.commit(bodies)
            if case .result(let completed) = bodies[0] { results.append(completed) }
            self.count += 1
            time += 240_000
        }
        return results
    }

    /// Makes what was changed durable.
    func flush() throws {
        log.flushTypes { _ in }
        try log.commit([])
    }
}
