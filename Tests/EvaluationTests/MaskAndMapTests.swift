import Evaluation
import Imaging
import Platform
import Testing

@Suite("masks and maps at the size of evaluation")
struct MaskAndMapTests {
    @Test("a mask is averaged over areas as an independent implementation does it, and no region vanishes")
    func area() throws {
        let golden = try GoldenFile.read().area
        let mask = DefectMask(
            size: Size(width: golden.shape[1], height: golden.shape[0]), pixels: golden.mask.map { $0 != 0 })
        let small = mask.resized(to: Size(width: golden.smallShape[1], height: golden.smallShape[0]))
        #expect(small.labels.map { $0 > 0 } == golden.small.map { $0 != 0 })
        #expect(mask.regionSizes.count == 3)
        #expect(small.regionSizes.count == 3)
    }

    @Test("a map is smoothed as scipy.ndimage.gaussian_filter does it")
    func smooth() throws {
        let golden = try GoldenFile.read().smooth
        let map = ScoreMap(
            size: Size(width: golden.shape[1], height: golden.shape[0]), scores: golden.values)
        let smooth = map.smoothed(sigma: golden.sigma)
        #expect(zip(smooth.scores, golden.smooth).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(map.smoothed(sigma: 0) == map)
    }

    @Test("regions cover every white pixel once, and pixels that touch at a corner are one region")
    func regions() {
        var random = SplitMix64(seed: 3)
        for width in 1...9 {
            let size = Size(width: width, height: 7)
            let pixels = (0..<size.pixelCount).map { _ in random.next() % 3 == 0 }
            let mask = DefectMask(size: size, pixels: pixels)
            #expect(mask.labels.map { $0 > 0 } == pixels)
            #expect(mask.regionSizes.reduce(0, +) == pixels.count { $0 })
            for (label, count) in mask.regionSizes.enumerated() {
                #expect(mask.labels.count { $0 == Int32(label + 1) } == count)
            }
            for y in 0..<6 {
                for x in 0..<width - 1 {
                    let a = mask.labels[y * width + x], b = mask.labels[(y + 1) * width + x + 1]
                    #expect(a == 0 || b == 0 || a == b)
                }
            }
        }
    }

    @Test("a map keeps its mean range when it changes size, and a flat one stays flat")
    func resize() {
        var random = SplitMix64(seed: 4)
        let map = ScoreMap(size: Size(width: 5, height: 8), scores: random.scores(40))
        for size in [Size(width: 5, height: 8), Size(width: 20, height: 3), Size(width: 1, height: 1)] {
            let other = map.resized(to: size)
            #expect(other.size == size && other.scores.count == size.pixelCount)
            #expect(other.scores.min()! >= map.scores.min()! && other.scores.max()! <= map.scores.max()!)
        }
        let flat = ScoreMap(size: Size(width: 3, height: 3), scores: [Float](repeating: 0.7, count: 9))
        #expect(flat.resized(to: Size(width: 7, height: 4)).scores.allSatisfy { $0 == 0.7 })
    }
}
