package import Imaging

extension ContactSheet {
    /// Small pictures of `kinds`: a row per kind with its name, good samples of four products, then defects,
    /// their masks outlined and their words below.
    package static func drawn(
        of kinds: [PracticeKind], seed: UInt32, frameSize: Size
    ) throws(ImagingError) -> RGBImage {
        let goodCount = 4, faultCount = 6
        var board = try Board(
            columnCount: goodCount + faultCount, rowCount: kinds.count, cell: frameSize)
        for (row, kind) in kinds.enumerated() {
            for column in 0..<goodCount {
                let product = seed &+ UInt32(column)
                let sample = kind.render(
                    product: product, sample: column, defective: false, size: frameSize, colour: true)
                board.place(sample, column, row, caption: column == 0 ? kind.names[0] : "")
            }
            // As many different words as there is room for.
            var shown = Set<String>(), column = goodCount
            for number in 0..<60 where column < goodCount + faultCount {
                let sample = kind.render(
                    product: seed &+ UInt32(number & 3), sample: 10 + number, defective: true,
                    size: frameSize,
                    colour: true)
                let isNew = sample.states.contains { !shown.contains($0) }
                guard isNew || number >= 40 else { continue }
                shown.formUnion(sample.states)
                board.place(sample, column, row, caption: sample.states.joined(separator: " - "))
                column += 1
            }
        }
        return try RGBImage(size: board.size, pixels: board.pixels)
    }

    /// A sheet with room for pictures of one size and a line of text below each.
    private struct Board {
        let size: Size
        var pixels: [UInt8]
        private let cell: Size
        private static let gap = 4, captionHeight = 14

        init(columnCount: Int, rowCount: Int, cell: Size) throws(ImagingError) {
            size = Size(
                width: columnCount * (cell.width + Board.gap) + Board.gap,
                height: rowCount * (cell.height + Board.captionHeight + Board.gap) + Board.gap)
            guard size.isValid else { throw .badFrame("no image can be \(size)") }
            self.cell = cell
            pixels = [UInt8](repeating: 24, count: 3 * size.pixelCount)
        }

        mutating func place(_ sample: PracticeSample, _ column: Int, _ row: Int, caption: String) {
            let left = Board.gap + column * (cell.width + Board.gap)
            let top = Board.gap + row * (cell.height + Board.captionHeight + Board.gap)
            let image = sample.image.pixels
            for y in 0..<cell.height {
                for x in 0..<cell.width {
                    for lane in 0..<3 {
                        pixels[((top + y) * size.width + left + x) * 3 + lane] =
                            image[(y * cell.width + x) * 3 + lane]
                    }
                }
            }
            outline(sample, left, top)
            write(caption.uppercased(), left + 1, top + cell.height + 3)
        }

        /// A line around what the mask covers, at some distance so that the defect stays visible.
        private mutating func outline(_ sample: PracticeSample, _ left: Int, _ top: Int) {
            let near = 3
            func isNear(_ x: Int, _ y: Int, _ reach: Int) -> Bool {
                for row in max(0, y - reach)...min(cell.height - 1, y + reach) {
                    for column in max(0, x - reach)...min(cell.width - 1, x + reach)
                    where sample.mask[row * cell.width + column] != 0 { return true }
                }
                return false
            }
            guard !sample.states.isEmpty else { return }
            for y in 0..<cell.height {
                for x in 0..<cell.width where isNear(x, y, near) && !isNear(x, y, near - 1) {
                    let first = ((top + y) * size.width + left + x) * 3
                    (pixels[first], pixels[first + 1], pixels[first + 2]) = (255, 96, 32)
                }
            }
        }

        private mutating func write(_ text: String, _ left: Int, _ top: Int) {
            let height: Float = 7.5
            let strokes = Lettering.strokes(of: text, at: SIMD2(1, 1), size: height)
            let width = min(Int(Lettering.width(of: text, size: height)) + 3, cell.width)
            guard width > 0 else { return }
            for y in 0..<10 {
                for x in 0..<width {
                    let point = SIMD2(Float(x), Float(y))
                    let distance = strokes.map { $0.distance(to: point) }.min() ?? 100
                    let light = UInt8(24 + 180 * min(max(1.0 - distance, 0), 1))
                    let first = ((top + y) * size.width + left + x) * 3
                    for lane in 0..<3 { pixels[first + lane] = light }
                }
            }
        }
    }
}
