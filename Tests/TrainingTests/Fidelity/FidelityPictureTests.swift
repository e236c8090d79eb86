import Imaging
import Tensors
import Testing
import Training

struct FidelityPictureTests {
    private let source = Size(width: 52, height: 44)

    @Test(
        "pictures are resized to the byte as Pillow does it",
        arguments: [
            Size(width: 40, height: 40), Size(width: 97, height: 13), Size(width: 52, height: 61),
            Size(width: 7, height: 44),
        ])
    func resampling(size: Size) throws {
        let golden = try FidelityFixture().golden
        let colour = PillowResampling.bicubic.resized(
            try golden.uint8("photo"), channels: 3, from: source, to: size)
        #expect(try colour == golden.uint8("bicubic.\(size.width)x\(size.height)"))
        let grey = PillowResampling.bilinear.resized(
            try golden.uint8("mask"), channels: 1, from: source, to: size)
        #expect(try grey == golden.uint8("bilinear.\(size.width)x\(size.height)"))
    }

    @Test("a mask becomes 1 where more than half of a pixel is white")
    func masks() throws {
        let golden = try FidelityFixture().golden
        let target = FidelityPicture.target(of: try golden.uint8("mask"), size: source, side: 40)
        #expect(try target == golden.uint8("truth").map(Float.init))
        #expect(target.contains(1) && target.contains(0))
    }

    @Test("a Gaussian wider than its picture still keeps a constant, and its sum elsewhere")
    func smoothing() {
        let flat = FidelityPicture.smoothed([Float](repeating: 0.25, count: 36), side: 6, sigma: 4)
        #expect(flat.allSatisfy { abs($0 - 0.25) < 1e-6 })
        var point = [Float](repeating: 0, count: 36)
        point[14] = 1
        let spread = FidelityPicture.smoothed(point, side: 6, sigma: 2)
        #expect(abs(spread.reduce(0, +) - 1) < 1e-5 && (spread.max() ?? 1) < 0.2)
        #expect(FidelityPicture.smoothed(point, side: 6, sigma: 0) == point)
    }
}
