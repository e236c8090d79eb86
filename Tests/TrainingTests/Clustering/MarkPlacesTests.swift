import AnomalyModels
import Imaging
import Platform
import Testing
import Training

@Suite("where marks lie in the images of a set")
struct MarkPlacesTests {
    /// Weights of `count` images of 16 x 16 patches: `place` gives the patch of the mark, of weight 1, and another one, at
    /// a patch by chance, is of weight `other`.
    private static func images(
        _ count: Int, other rival: Float, _ place: (inout SplitMix64) -> Int
    ) -> (weights: [MarkWeights], marks: [Int]) {
        var random = SplitMix64(seed: 5), marks: [Int] = []
        let weights = (0..<count).map { _ in
            let mark = place(&random), other = Int.random(in: 0..<256, using: &random)
            marks.append(mark)
            var values = [Float](repeating: 0.002, count: 256)
            values[other] = rival
            values[mark] = 1
            return MarkWeights(marks: values, width: 16, height: 16, columns: 16, rows: 16)
        }
        return (weights, marks)
    }

    private static func peaks(_ weights: [MarkWeights]) -> [Int] {
        weights.map { weights in
            let (x, y) = weights.peak(in: Size(width: 16, height: 16))
            return Int(y) * 16 + Int(x)
        }
    }

    @Test("in crops about their marks the middle decides between two places that are alike rare")
    func crops() {
        let (images, marks) = Self.images(80, other: 1.05) { random in
            (7 + Int.random(in: 0...1, using: &random)) * 16 + 7 + Int.random(in: 0...1, using: &random)
        }
        let places = MarkPlaces(images)
        #expect(places.middleShare > 0.95 && places.deviation < 0.1)
        let before = zip(Self.peaks(images), marks).count { $0 == $1 }
        let after = zip(Self.peaks(places.expected(images)), marks).count { $0 == $1 }
        #expect(before < 20 && after > 75, "\(before), then \(after)")
        #expect(places.expected(images).allSatisfy { abs($0.values.reduce(0, +) - 1) < 1e-4 })
    }

    @Test("in pictures whose marks are anywhere nothing changes")
    func anywhere() {
        let (images, _) = Self.images(80, other: 0.2) { Int.random(in: 0..<256, using: &$0) }
        let places = MarkPlaces(images)
        #expect(places.middleShare < 0.2)
        #expect(Self.peaks(places.expected(images)) == Self.peaks(images))
    }

    @Test("images without any mark, or a single one, are no trouble")
    func few() {
        let even = MarkWeights(
            marks: [Float](repeating: 0, count: 12), width: 4, height: 3, columns: 4, rows: 3)
        for count in [1, 3] {
            let images = [MarkWeights](repeating: even, count: count)
            let expected = MarkPlaces(images).expected(images)
            #expect(expected.allSatisfy { weights in weights.values.allSatisfy { 0...1 ~= $0 } })
        }
    }

    @Test("a view is laid back by its inverse", arguments: ReferenceViews.turned.all)
    func inverse(view: ReferenceViews.View) {
        let size = Size(width: 5, height: 3), values = Array(0..<15)
        let seen = view.of(values, size, channels: 1)
        #expect(view.inverse.of(seen, view.size(size), channels: 1) == values)
        #expect(view.inverse.size(view.size(size)) == size)
    }

    @Test("the mean of the nearest draws rows of a kind together and leaves kinds apart")
    func neighbours() {
        var random = SplitMix64(seed: 3)
        let values = (0..<600).flatMap { row in
            (0..<8).map { ($0 == row % 3 ? 1 : 0) + Float.random(in: -0.4...0.4, using: &random) }
        }
        let rows = UnitRows(values, width: 8), means = rows.neighbourMeans(5)
        func within(_ rows: UnitRows) -> Double {
            ClusterCount.silhouette(rows, (0..<600).map { $0 % 3 }, 3)
        }
        #expect(means.count == 600 && within(means) > within(rows) + 0.1)
        let same = rows.neighbourMeans(1)
        #expect((0..<600).allSatisfy { zip(same.row($0), rows.row($0)).allSatisfy { abs($0 - $1) < 1e-6 } })
        // More neighbours than rows: all of them.
        let few = UnitRows([1, 0, 0, 1], width: 2).neighbourMeans(5)
        #expect(few.row(0) == few.row(1))
    }
}
