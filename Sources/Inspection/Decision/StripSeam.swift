package import Events
internal import Imaging

/// Who reports a defect in the lines that two strips share: the strip before, if it has seen all of it.
///
/// A result is durable at once and waits for no later strip, so what the strip before has said stays. A finding of the
/// next strip that lies in shared lines alone, and that `StripSeams` joins to a box of the strip before, is that same
/// defect and is not said again. One that goes on beyond the shared lines is: the strip before has not seen its end.
/// Verdicts are not touched: a strip with bad lines is bad, whoever says where. Such a strip is NG with the box and the
/// type of no defect, all 0: where and what it is stands in the result of the strip before.
package struct StripSeam: Sendable {
    /// What the strip before has said, in lines of the stream; and its lines, nil where it said nothing.
    private var before: [StripBox] = []
    private var lines: StripLines?
    private var strip = 0
    // For one look each: they are here so that looking allocates nothing.
    private var joined: [StripBox] = []
    private var pair: [StripLines] = []

    package init() {
        before.reserveCapacity(Outcome.findingCapacity)
        joined.reserveCapacity(Outcome.findingCapacity + 1)
        pair.reserveCapacity(2)
    }

    /// Takes the findings out of `outcome` that the strip before has reported, and remembers the others for the next.
    /// Allocation-free.
    ///
    /// - Parameters:
    ///   - firstLine: the line of the stream that is row 0 of the strip.
    ///   - lineCount: its real rows.
    package mutating func report(_ outcome: inout Outcome, firstLine: Int, lineCount: Int) {
        strip += 1
        let own = StripLines(strip: strip, first: firstLine, count: lineCount)
        var kept = 0
        let count = Int(outcome.findingCount)
        for index in 0..<count {
            guard !isSaid(box(outcome.findings[index], own), own) else { continue }
            outcome.findings[kept] = outcome.findings[index]
            kept += 1
        }
        before.removeAll(keepingCapacity: true)
        for index in 0..<kept { before.append(box(outcome.findings[index], own)) }
        lines = own
        guard kept < count else { return }
        outcome.findingCount = UInt8(kept)
        outcome.box = kept > 0 ? outcome.findings[0].box : Box()
        outcome.cluster = kept > 0 ? outcome.findings[0].cluster : 0
        if kept < 2 { outcome.flags.remove(.severalBoxes) }
    }

    /// The strip before said nothing after all: its result was another one, or none.
    package mutating func forget() { lines = nil }

    private func box(_ finding: Finding, _ lines: StripLines) -> StripBox {
        let box = finding.box
        let region = Region(x: Int(box.x), y: Int(box.y), width: Int(box.width), height: Int(box.height))
        return StripBox(region, strip: lines.strip, firstLine: lines.first)
    }

    private mutating func isSaid(_ box: StripBox, _ own: StripLines) -> Bool {
        guard let lines, lines.strip + 1 == own.strip, lines.first < own.first,
            box.line + box.lineCount <= lines.first + lines.count
        else { return false }
        joined.removeAll(keepingCapacity: true)
        for other in before { joined.append(other) }
        joined.append(box)
        pair.removeAll(keepingCapacity: true)
        pair.append(lines)
        pair.append(own)
        StripSeams.assign(&joined, among: pair)
        // Boxes of one strip are joined by a box of the next only.
        return joined.count <= before.count
    }
}
