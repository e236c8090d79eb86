package import Events

// DETAIL OF A RESULT (column `detail`)
//
// One JSON object without blanks, its keys in this order, each left out if it is empty:
//
//   {"boxes":[[x,y,w,h,sc,cl,area],...],"kinds":[[box,conf,nov],...],"rois":[[inspection,region,v,rs,sc],...],"stage_us":[n,...],"mm":n,"px_mm":n}
//
// The scanner reads what the writer writes and nothing else.

/// What of a result has no column of its own: findings, regions, stages and the position on the web.
package struct RecordDetail: Equatable, Sendable {
    package var findings: [Finding] = []
    package var regions: [RegionVerdict] = []
    package var stages: [UInt32] = []
    package var millimetres: Float?
    package var pixelsPerMillimetre: Float?

    package init(_ result: InspectionResult) {
        findings = result.findings
        regions = result.regions
        stages = result.stageMicroseconds
        if let position = result.millimetres, position.isFinite { millimetres = position }
        if let scale = result.pixelsPerMillimetre, scale.isFinite { pixelsPerMillimetre = scale }
    }

    /// Puts it back into `result`.
    package func complete(_ result: inout InspectionResult) {
        result.findings = findings
        result.regions = regions
        result.stageMicroseconds = stages
        result.millimetres = millimetres
        result.pixelsPerMillimetre = pixelsPerMillimetre
    }

    /// The JSON text; empty if there is nothing to say.
    package var text: String {
        var parts: [String] = []
        if !findings.isEmpty {
            let rows = findings.map {
                "[\($0.box.x),\($0.box.y),\($0.box.width),\($0.box.height),\($0.score),\($0.cluster),\($0.area)]"
            }
            parts.append("\"boxes\":[" + rows.joined(separator: ",") + "]")
        }
        let kinds = findings.indices.filter { findings[$0].confidence > 0 || findings[$0].novelty > 0 }
        if !kinds.isEmpty {
            let rows = kinds.map { "[\($0),\(findings[$0].confidence),\(findings[$0].novelty)]" }
            parts.append("\"kinds\":[" + rows.joined(separator: ",") + "]")
        }
        if !regions.isEmpty {
            let rows = regions.map {
                "[\($0.inspection),\($0.region),\($0.verdict.rawValue),\($0.reason.rawValue),\($0.score)]"
            }
            parts.append("\"rois\":[" + rows.joined(separator: ",") + "]")
        }
        if !stages.isEmpty {
            parts.append("\"stage_us\":[" + stages.map { "\($0)" }.joined(separator: ",") + "]")
        }
        if let millimetres { parts.append("\"mm\":\(millimetres)") }
        if let pixelsPerMillimetre { parts.append("\"px_mm\":\(pixelsPerMillimetre)") }
        return parts.isEmpty ? "" : "{" + parts.joined(separator: ",") + "}"
    }

    /// Reads `text`. Returns nil if the writer cannot have made it.
    package init?(_ text: String) {
        var scanner = DetailScanner(text)
        guard scanner.take("{") else { return nil }
        repeat {
            guard let key = scanner.key() else { return nil }
            switch key {
            case "boxes":
                guard let rows = scanner.rows(of: 7), let read = Self.findings(rows) else { return nil }
                findings = read
            case "kinds":
                guard let rows = scanner.rows(of: 3), addKinds(rows) else { return nil }
            case "rois":
                guard let rows = scanner.rows(of: 5), let read = Self.regions(rows) else { return nil }
                regions = read
            case "stage_us":
                guard let row = scanner.row() else { return nil }
                stages = row
            case "mm":
                guard let value = scanner.number() else { return nil }
                millimetres = value
            case "px_mm":
                guard let value = scanner.number() else { return nil }
                pixelsPerMillimetre = value
            default: return nil
            }
        } while scanner.take(",")
        guard scanner.take("}"), scanner.isAtEnd else { return nil }
    }

    private static func findings(_ rows: [[UInt32]]) -> [Finding]? {
        var findings: [Finding] = []
        for row in rows {
            guard row[0...3].allSatisfy({ $0 <= UInt16.max }), row[5] <= UInt16.max else { return nil }
            var finding = Finding()
            finding.box = Box(
                x: UInt16(row[0]), y: UInt16(row[1]), width: UInt16(row[2]), height: UInt16(row[3]))
            finding.score = row[4]
            finding.cluster = UInt16(row[5])
            finding.area = row[6]
            findings.append(finding)
        }
        return findings
    }

    /// False if a row is of no finding.
    private mutating func addKinds(_ rows: [[UInt32]]) -> Bool {
        for row in rows {
            guard row[0] < findings.count, row[1] <= UInt16.max, row[2] <= UInt16.max else { return false }
            findings[Int(row[0])].confidence = UInt16(row[1])
            findings[Int(row[0])].novelty = UInt16(row[2])
        }
        return true
    }

    private static func regions(_ rows: [[UInt32]]) -> [RegionVerdict]? {
        var regions: [RegionVerdict] = []
        for row in rows {
            guard row[0...3].allSatisfy({ $0 <= UInt8.max }), let verdict = Verdict(rawValue: UInt8(row[2])),
                let reason = Reason(rawValue: UInt8(row[3]))
            else { return nil }
            var region = RegionVerdict()
            region.inspection = UInt8(row[0])
            region.region = UInt8(row[1])
            region.verdict = verdict
            region.reason = reason
            region.score = row[4]
            regions.append(region)
        }
        return regions
    }
}

/// Reads the numbers and brackets of a detail from left to right.
private struct DetailScanner {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: byte) else { return false }
        offset += 1
        return true
    }

    /// A key in quotes with its colon.
    mutating func key() -> String? {
        guard take("\"") else { return nil }
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") { offset += 1 }
        let key = String(decoding: bytes[start..<offset], as: UTF8.self)
        return take("\"") && take(":") ? key : nil
    }

    /// `[n,n,...]`, not empty.
    mutating func row() -> [UInt32]? {
        guard take("[") else { return nil }
        var row: [UInt32] = []
        repeat {
            guard let value = integer() else { return nil }
            row.append(value)
        } while take(",")
        return take("]") ? row : nil
    }

    /// `[[n,...],...]`, not empty, every row of `count` numbers.
    mutating func rows(of count: Int) -> [[UInt32]]? {
        guard take("[") else { return nil }
        var rows: [[UInt32]] = []
        repeat {
            guard let row = row(), row.count == count else { return nil }
            rows.append(row)
        } while take(",")
        return take("]") ? rows : nil
    }

    private mutating func integer() -> UInt32? {
        var value: UInt32 = 0
        let start = offset
        while offset < bytes.count, 0x30...0x39 ~= bytes[offset] {
            let (product, carried) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowed) = product.addingReportingOverflow(UInt32(bytes[offset] - 0x30))
            if carried || overflowed { return nil }
            value = sum
            offset += 1
        }
        return offset > start ? value : nil
    }

    mutating func number() -> Float? {
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "}"), bytes[offset] != UInt8(ascii: ",") {
            offset += 1
        }
        guard let value = Float(String(decoding: bytes[start..<offset], as: UTF8.self)), value.isFinite
        else { return nil }
        return value
    }
}
