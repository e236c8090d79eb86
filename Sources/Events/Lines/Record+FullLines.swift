// What profile full adds to the keys of profile plc (LWP/1, 5.1 and 5.2). Not for the hot path: it allocates.

extension InspectionResult {
    /// Appends the added keys of profile full. At most 32 findings and 16 regions are shown, so that the line
    /// keeps its limit.
    func appendMore(to line: inout LineWriter, run: UInt32, boot: String) {
        line.put(",\"run\":", run)
        line.put(",\"part\":")
        line.put(quoted: part)
        line.put(",\"recipe\":", recipe)
        line.put(",\"model\":\"")
        if model != 0 { line.put(hex: model, digits: 12) }
        line.put("\",\"calib\":", calibration)
        line.put(",\"raw\":", rawScore)
        line.put(",\"thr_raw\":", rawThreshold)
        line.put(",\"boxes\":")
        line.putList(findings.prefix(Outcome.findingCapacity)) {
            $0.put($1, millimetres: millimetres(of: $1.box))
        }
        line.put(",\"roi\":")
        line.putList(regions.prefix(Outcome.regionCapacity)) { $0.put($1) }
        line.put(",\"lines\":", lines)
        line.put(",\"lines_valid\":", validLines)
        line.put(",\"mm\":", millimetres)
        line.put(",\"v4l2_seq\":", driverSequence)
        line.put(",\"mono_ns\":", monotonicNanoseconds)
        line.put(",\"exp_us\":", exposureMicroseconds)
        line.put(",\"stage_us\":")
        line.putList(stageMicroseconds.prefix(5)) { $0.put($1) }
        line.put(",\"boot\":")
        line.put(quoted: boot)
        appendLater(to: &line)
    }

    /// Appends what came after the commit, where it is known.
    private func appendLater(to line: inout LineWriter) {
        if let image { line.put(",\"img\":", image) }
        if let map { line.put(",\"map\":", map) }
        if let late {
            line.put(",\"late\":{\"sc\":", min(late.score, LineLimit.score))
            line.put(",\"us\":", late.latencyMicroseconds)
            line.put("}")
        }
        if let mark {
            line.put(",\"mark\":{\"as\":", mark.verdict.rawValue)
            line.put(",\"x\":", mark.box.x)
            line.put(",\"y\":", mark.box.y)
            line.put(",\"w\":", mark.box.width)
            line.put(",\"h\":", mark.box.height)
            line.put(",\"absorb\":", mark.absorb ? 1 as UInt8 : 0)
            line.put("}")
        }
    }
}

extension Event {
    /// Appends `name`, `msg` and `detail`. A detail that is no short JSON object is shown as a string.
    func appendMore(to line: inout LineWriter) {
        line.put(",\"name\":\"")
        line.put(code.name)
        line.put("\",\"msg\":")
        line.put(quoted: message)
        line.put(",\"detail\":")
        line.put(quoted: String(decoding: detail.utf8.prefix(Self.shownDetail), as: UTF8.self))
    }

    /// Bytes of a detail that are shown; each may become six in the line.
    private static let shownDetail = 4_096

    /// One English sentence for people: the name and what its numbers mean.
    public var message: String {
        var words = code.name.description.replacing("_", with: " ")
        for (label, value) in zip(code.numbers, [a, b]) { words += ", \(label) \(value)" }
        return camera == 0 ? words : words + ", camera \(camera)"
    }
}

extension LineWriter {
    /// Appends `key` and a number, or `null`.
    fileprivate mutating func put(_ key: StaticString, _ value: Float?) {
        put(key)
        if let value { put(value) } else { put("null") }
    }

    /// Appends a JSON array of what `put` writes for each element.
    fileprivate mutating func putList<Elements: Sequence>(
        _ elements: Elements, put: (inout LineWriter, Elements.Element) -> Void
    ) {
        self.put("[")
        var isFirst = true
        for element in elements {
            if !isFirst { self.put(",") }
            isFirst = false
            put(&self, element)
        }
        self.put("]")
    }

    fileprivate mutating func put(_ finding: Finding, millimetres: Float?) {
        put("{\"x\":", finding.box.x)
        put(",\"y\":", finding.box.y)
        put(",\"w\":", finding.box.width)
        put(",\"h\":", finding.box.height)
        put(",\"sc\":", min(finding.score, LineLimit.score))
        put(",\"cl\":", finding.cluster)
        put(",\"area\":", finding.area)
        if finding.confidence > 0 || finding.novelty > 0 {
            put(",\"conf\":", finding.confidence)
            put(",\"nov\":", finding.novelty)
        }
        if let millimetres, millimetres.isFinite { put(",\"mm\":", millimetres) }
        put("}")
    }

    fileprivate mutating func put(_ region: RegionVerdict) {
        put("{\"inspect\":", region.inspection)
        put(",\"roi\":", region.region)
        put(",\"v\":", region.verdict.rawValue)
        put(",\"rs\":", region.reason.rawValue)
        put(",\"sc\":", min(region.score, LineLimit.score))
        put("}")
    }
}
