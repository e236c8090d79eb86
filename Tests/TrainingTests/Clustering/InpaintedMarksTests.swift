import Imaging
import Testing
import Training

@Suite("auxiliary images by an encoder-decoder")
struct InpaintedMarksTests {
    private static let size = Size(width: 48, height: 32)

    /// Stripes, moved by `phase`, with a blot about `mark`.
    private static func picture(_ phase: Int, mark: (x: Int, y: Int)? = nil) -> GreyPicture {
        GreyPicture(
            size: size,
            values: (0..<size.pixelCount).map { pixel in
                let x = pixel % size.width, y = pixel / size.width
                if let mark, abs(x - mark.x) <= 2, abs(y - mark.y) <= 2 { return 0.9 }
                return (x + phase) / 4 % 2 == 0 ? 0.1 : 0.3
            })
    }

    private static func marks(_ seed: UInt64 = 0, steps: Int = 60) throws -> InpaintedMarks {
        var settings = InpaintedMarks.Settings()
        (settings.steps, settings.batch, settings.seed) = (steps, 4, seed)
        let places = [(8, 8), (30, 20), (40, 10), (20, 24)]
        return try InpaintedMarks(
            fitting: places.enumerated().map { picture($0, mark: $1) },
            marksAt: places.map { (Float($0.0), Float($0.1)) }, settings,
            workers: try Workers(count: 1))
    }

    @Test("lie on the blot that breaks the pattern, and nowhere on a picture without one")
    func found() throws {
        let marks = try Self.marks(), place = (x: 34, y: 12)
        let found = marks.marks(in: Self.picture(1, mark: place), about: (33, 13))
        let sum = found.reduce(0, +)
        let within = found.indices.filter { pixel in
            abs(pixel % Self.size.width - place.x) <= 3 && abs(pixel / Self.size.width - place.y) <= 3
        }.reduce(0) { $0 + found[$1] }
        #expect(sum > 5 && within > 0.9 * sum, "\(within) of \(sum)")
        #expect(found.allSatisfy { 0...1 ~= $0 })
        #expect(marks.marks(in: Self.picture(2), about: (20, 16)).allSatisfy { $0 == 0 })
    }

    @Test("are the same for the same seed")
    func repeatable() throws {
        let picture = Self.picture(3, mark: (24, 16))
        let first = try Self.marks(7, steps: 6).marks(in: picture, about: (24, 16))
        #expect(try Self.marks(7, steps: 6).marks(in: picture, about: (24, 16)) == first)
    }

    @Test("a square filter looks at what lies about a pixel, less at the border")
    func squares() {
        let filter = SquareFilter(size: Size(width: 4, height: 3), reach: 1)
        let values: [Float] = [0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0]
        #expect(filter.maxima(values) == [9, 9, 9, 0, 9, 9, 9, 0, 9, 9, 9, 0])
        #expect(filter.means(values) == [2.25, 1.5, 1.5, 0, 1.5, 1, 1, 0, 2.25, 1.5, 1.5, 0])
    }

    @Test("weigh patches by how much of them is marked, and alike where nothing is")
    func weights() {
        let picture = [Float](repeating: 0, count: 16).enumerated().map { $0.offset == 5 ? Float(1) : 0 }
        let weights = MarkWeights(marks: picture, width: 4, height: 4, columns: 2, rows: 2)
        #expect(weights.values == [1, 0, 0, 0])
        let none = MarkWeights(
            marks: [Float](repeating: 0, count: 16), width: 4, height: 4, columns: 2, rows: 2)
        #expect(none.values == [0.25, 0.25, 0.25, 0.25])
    }
}
