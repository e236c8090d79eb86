public import Imaging

// THE SIMULATED LINE
//
// A frame is a pure function of the settings and its number: no frame depends on one rendered before it, and
// every machine computes the same bytes. Only additions, multiplications, divisions and square roots are
// used, which IEEE 754 rounds alike everywhere, and whole numbers.
//
//   Scene     once: the drawing of the part, repeating swatches of grain, materials, lamp   Frame     per
// frame: pose, drifts, blur, seed of the noise   Canvas    height, albedo, gloss and material of every pixel;
// a defect changes these and nothing else   Exposure  shading by the slopes of the height, blur, noise, bytes
//
// The mask of a defect is no drawing of its own: the defect's surroundings are exposed twice, with and
// without it, and the mask is where the two differ. The frame takes the second exposure in the mask and the
// first everywhere else, so that the truth is exact to the pixel.

/// A procedural camera over an endless production line, seeded and deterministic, with ground truth.
///
/// One thread uses it at a time. After `init` only frames with a defect allocate (a list of strokes).
public struct ProductionLine: ~Copyable, Sendable {
    /// What the frames depend on.
    public let settings: LineSettings
    let scene: Scene
    var canvas: Canvas
    var exposure: Exposure
    /// The defect of the segment of a web looked at last, as it is drawn.
    private var resolved: (segment: Int, choice: DefectChoice, flaw: Flaw?, defect: Defect?)?

    /// Frames have at least this many pixels to a side.
    public static let minimumSide = 64
    /// And at most this many pixels, which take a gigabyte of scratch.
    public static let maximumPixelCount = 1 << 25

    /// Draws the part and the grain: tens of milliseconds, tens of megabytes. Throws if the settings are out
    /// of range.
    public init(_ settings: LineSettings) throws(SimulatedLineError) {
        let size = settings.size
        guard size.isValid, min(size.width, size.height) >= ProductionLine.minimumSide,
            size.pixelCount <= ProductionLine.maximumPixelCount
        else {
            throw .badSize(size)
        }
        guard (0...1_000_000).contains(settings.defectsPerMillion) else {
            throw .badDefectRate(settings.defectsPerMillion)
        }
        self.settings = settings
        scene = Scene.drawn(for: settings)
        canvas = Canvas(width: size.width, rowCount: size.height)
        exposure = Exposure(like: canvas, settings: settings)
    }

    /// Renders part `index`, or segment `index` of a web, into `target`: rows of `format` (GREY or RGB3)
    /// without padding, top row first. Returns its defect, if it has one; `copyMask(into:)` then gives the
    /// pixels.
    ///
    /// Throws if the format is another or `target` is too small.
    @discardableResult
    public mutating func render(
        part index: Int, defect choice: DefectChoice = .drawn, as format: PixelFormat,
        into target: inout MutableSpan<UInt8>
    ) throws(SimulatedLineError) -> Defect? {
        try check(format, rowCount: settings.size.height, byteCount: target.count)
        let defect = expose(part: index, choice)
        let frame = Frame(index, of: settings, in: scene)
        exposure.develop(canvas, scene, frame, isColour: format == .rgb24, into: &target, from: 0)
        return defect
    }

    /// Renders `lines` of a web into `target`, as `render(part:)` does: the same bytes for a line whatever
    /// range it is asked for in.
    ///
    /// Lines are numbered from 0 to 2^46. Throws if this is no web, or as `render(part:)` does.
    public mutating func render(
        lines: Range<Int>, defect choice: DefectChoice = .drawn, as format: PixelFormat,
        into target: inout MutableSpan<UInt8>
    ) throws(SimulatedLineError) {
        guard settings.form == .web else { throw .notAWeb }
        try check(format, rowCount: lines.count, byteCount: target.count)
        let bytesPerRow = format.minimumBytesPerRow(width: settings.size.width)
        forEachPiece(of: lines, choice) { line, segment, rows, _ in
            let frame = Frame(segment, of: line.settings, in: line.scene)
            let offset =
                (segment * line.settings.size.height + rows.lowerBound - lines.lowerBound) * bytesPerRow
            line.exposure.develop(
                line.canvas, line.scene, frame, isColour: format == .rgb24, into: &target, from: offset)
        }
    }

    /// The kind of defect that the seed and the rate give part `index`, or nil. Renders nothing: a microsecond.
    public func drawnDefect(ofPart index: Int) -> DefectKind? {
        var random = Random(seed: settings.lineSeed, purpose: .defect, index: index)
        return Flaw.drawnKind(settings, &random)
    }

    /// Writes the mask of the frame rendered last: 255 where it differs from the frame without its defect, 0
    /// elsewhere. `[height, width]`. Throws if `target` is too small.
    public func copyMask(into target: inout MutableSpan<UInt8>) throws(SimulatedLineError) {
        guard target.count >= exposure.mask.count else {
            throw .targetTooSmall(byteCount: target.count, needed: exposure.mask.count)
        }
        for index in 0..<exposure.mask.count { target[index] = exposure.mask[index] }
    }

    private func check(_ format: PixelFormat, rowCount: Int, byteCount: Int) throws(SimulatedLineError) {
        guard format == .grey || format == .rgb24 else { throw .badFormat(format) }
        let needed = format.minimumBytesPerRow(width: settings.size.width) * rowCount
        guard byteCount >= needed else { throw .targetTooSmall(byteCount: byteCount, needed: needed) }
    }
}

extension ProductionLine {
    /// Exposes all rows of frame `index`; the mask is that of its defect.
    mutating func expose(part index: Int, _ choice: DefectChoice) -> Defect? {
        let frame = Frame(index, of: settings, in: scene)
        let rows = 0..<settings.size.height
        exposure.clearMask()
        guard let flaw = Flaw(frame, settings, scene, choice) else {
            exposeGood(frame, rows)
            return nil
        }
        return firstVisible(flaw, frame, rows)?.defect
    }

    private mutating func exposeGood(_ frame: Frame, _ rows: Range<Int>) {
        canvas.paint(scene, frame, rows: rows)
        exposure.expose(canvas, frame)
    }

    /// Fewer changed pixels are no defect that anyone could find.
    private static let leastPixelCount = 8

    /// Exposes `rows`, which hold all of `flaw`, with the flaw drawn as strong as it takes to be seen.
    /// Returns it so, or nil if no strength is enough.
    private mutating func firstVisible(
        _ flaw: Flaw, _ frame: Frame, _ rows: Range<Int>
    ) -> (flaw: Flaw, defect: Defect)? {
        var flaw = flaw
        for _ in 0..<6 {
            exposeGood(frame, rows)
            canvas.draw(flaw, frame, scene)
            let change = exposure.exposeFlaw(&canvas, frame, region: region(of: flaw, in: rows))
            if change.count >= ProductionLine.leastPixelCount {
                let defect = Defect(
                    kind: flaw.kind, region: change.region, changedPixelCount: change.count,
                    strength: min(1, flaw.strength))
                return (flaw, defect)
            }
            exposure.clearMask()
            flaw.strength *= 1.6
        }
        exposeGood(frame, rows)
        return nil
    }

    /// What drawing `flaw` can change of `rows`: its box, and two pixels around it through shading and blur.
    private func region(of flaw: Flaw, in rows: Range<Int>) -> Region {
        let reach = Canvas.margin
        let left = max(0, flaw.box.x - reach)
        let right = min(settings.size.width, flaw.box.x + flaw.box.width + reach)
        let top = max(rows.lowerBound, flaw.box.y - reach)
        let bottom = min(rows.upperBound, flaw.box.y + flaw.box.height + reach)
        return Region(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// Exposes `lines` of the web piece by piece, none reaching over the end of a segment, and calls `body`
    /// after each with the segment, its rows and its defect.
    mutating func forEachPiece(
        of lines: Range<Int>, _ choice: DefectChoice,
        _ body: (inout ProductionLine, _ segment: Int, _ rows: Range<Int>, Defect?) -> Void
    ) {
        let height = settings.size.height
        var start = lines.lowerBound
        while start < lines.upperBound {
            let segment = start.floored(by: height)
            let end = min(lines.upperBound, (segment + 1) * height)
            let rows = start - segment * height..<end - segment * height
            let frame = Frame(segment, of: settings, in: scene)
            let found = resolve(frame, choice)
            exposeGood(frame, rows)
            exposure.clearMask()
            if let flaw = found.flaw {
                let region = region(of: flaw, in: rows)
                if !region.isEmpty {
                    canvas.draw(flaw, frame, scene)
                    _ = exposure.exposeFlaw(&canvas, frame, region: region)
                }
            }
            body(&self, segment, rows, found.defect)
            start = end
        }
    }

    /// The flaw of the segment `frame`, as strong as it is drawn in every piece of it.
    private mutating func resolve(_ frame: Frame, _ choice: DefectChoice) -> (flaw: Flaw?, defect: Defect?) {
        if let resolved, resolved.segment == frame.index, resolved.choice == choice {
            return (resolved.flaw, resolved.defect)
        }
        var found: (flaw: Flaw, defect: Defect)?
        if let flaw = Flaw(frame, settings, scene, choice) {
            let all = region(of: flaw, in: 0..<settings.size.height)
            found = firstVisible(flaw, frame, all.y..<all.y + all.height)
        }
        resolved = (frame.index, choice, found?.flaw, found?.defect)
        return (found?.flaw, found?.defect)
    }
}
