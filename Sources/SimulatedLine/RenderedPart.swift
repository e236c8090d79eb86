public import Imaging

/// A part, or a segment of a web, with its ground truth.
public struct RenderedPart: Hashable, Sendable {
    /// Which frame of the line it is.
    public let index: Int
    /// Width and height in pixels.
    public let size: Size
    /// As a grey camera sees it: `[height, width]`.
    public let grey: [UInt8]
    /// As a colour camera sees it.
    public let colour: RGBImage
    /// What is wrong with it, or nil.
    public let defect: Defect?
    /// 255 where it differs from the same part without its defect, 0 elsewhere: `[height, width]`.
    public let mask: [UInt8]
}

/// Lines of a web with their ground truth.
public struct RenderedLines: Hashable, Sendable {
    /// Which lines these are.
    public let lines: Range<Int>
    /// As a grey camera sees them: `[lines.count, width]`.
    public let grey: [UInt8]
    /// 255 where they differ from the same lines without defects, 0 elsewhere: `[lines.count, width]`.
    public let mask: [UInt8]
    /// The defects of the segments that the lines belong to, seen in them or not, with the segment's number.
    public let defects: [SegmentDefect]

    /// A defect and where it is.
    public struct SegmentDefect: Hashable, Sendable {
        /// Its region counts y from line `segment * height`.
        public let segment: Int
        /// What is wrong there.
        public let defect: Defect
    }
}

extension ProductionLine {
    /// Part `index`, or segment `index` of a web, in grey and colour with its mask. Allocates; a camera uses
    /// `render(part:)`.
    public mutating func part(_ index: Int, defect choice: DefectChoice = .drawn) -> RenderedPart {
        let size = settings.size
        let defect = expose(part: index, choice)
        let frame = Frame(index, of: settings, in: scene)
        var grey = [UInt8](repeating: 0, count: size.pixelCount)
        var colour = [UInt8](repeating: 0, count: 3 * size.pixelCount)
        var greySpan = grey.mutableSpan
        exposure.develop(canvas, scene, frame, isColour: false, into: &greySpan, from: 0)
        var colourSpan = colour.mutableSpan
        exposure.develop(canvas, scene, frame, isColour: true, into: &colourSpan, from: 0)
        guard let image = try? RGBImage(size: size, pixels: colour) else {
            preconditionFailure("\(colour.count) bytes for \(size)")
        }
        let mask = (0..<size.pixelCount).map { exposure.mask[$0] }
        return RenderedPart(
            index: index, size: size, grey: grey, colour: image, defect: defect, mask: mask)
    }

    /// `lines` of a web in grey with their mask. Allocates; a camera uses `render(lines:)`.
    ///
    /// Throws if this is no web.
    public mutating func lines(
        _ lines: Range<Int>, defect choice: DefectChoice = .drawn
    ) throws(SimulatedLineError) -> RenderedLines {
        guard settings.form == .web else { throw .notAWeb }
        let width = settings.size.width, height = settings.size.height
        var grey = [UInt8](repeating: 0, count: width * lines.count)
        var mask = grey
        var defects: [RenderedLines.SegmentDefect] = []
        forEachPiece(of: lines, choice) { line, segment, rows, defect in
            let frame = Frame(segment, of: line.settings, in: line.scene)
            let offset = (segment * height + rows.lowerBound - lines.lowerBound) * width
            var target = grey.mutableSpan
            line.exposure.develop(
                line.canvas, line.scene, frame, isColour: false, into: &target, from: offset)
            for index in 0..<rows.count * width {
                mask[offset + index] = line.exposure.mask[rows.lowerBound * width + index]
            }
            if let defect { defects.append(RenderedLines.SegmentDefect(segment: segment, defect: defect)) }
        }
        return RenderedLines(lines: lines, grey: grey, mask: mask, defects: defects)
    }
}
