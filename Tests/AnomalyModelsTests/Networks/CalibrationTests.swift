import AnomalyModels
import Inference
import Kernels
import Tensors
import Testing

struct CalibrationTests {
    @Test(
        "ReLU6 maps get zero point 0 and a scale up to 6 / 255, others a range around most of their values"
    )
    func ranges() throws {
        var g = Graph()
        let image = g.image(height: 16, width: 16)
        let clipped = g.convolution(image, "clipped", kernel: 1, stride: 1, channels: 1, activation: .relu6)
        g.output(
            g.convolution(clipped, "open", kernel: 1, stride: 1, channels: 1, activation: .none), as: "open")
        // clipped = relu6(40 (v - 127) / 128), open = 1 - 2 clipped: from -11 to 1.
        let weights = FloatWeights(tensors: [
            "clipped.weight": ([1, 3], [40, 0, 0]), "clipped.bias": ([1], [0]),
            "open.weight": ([1, 1], [-2]),
            "open.bias": ([1], [1]),
        ])
        var calibration = try Calibration(g, weights: FloatSource(weights), kernels: KernelTable(.best))
        calibration.add(image: (0..<768).map { UInt8($0 / 3) })
        #expect(calibration.imageCount == 1)

        let all = calibration.parameters(.quantile(1))
        let clippedMap = try #require(all["clipped"]), openMap = try #require(all["open"])
        #expect(clippedMap.zeroPoint == 0 && abs(clippedMap.scale - 6 / 255) < 1e-4)
        #expect(abs(openMap.scale - 12 / 255) < 1e-4 && openMap.zeroPoint == 234)
        #expect(all["image"]?.zeroPoint == 127 && all["image"]?.scale == 1 / 128)

        // 109 of 256 values are -11: a small share cuts nothing off, half of all cuts the other side to zero.
        let cut = try #require(calibration.parameters(.quantile(0.9))["open"])
        #expect(abs(cut.scale - 12 / 255) < 1e-3)
        let least = try #require(calibration.parameters(.leastError)["open"])
        #expect(least.scale <= openMap.scale * 1.01 && least.isValid)
    }

    @Test("what a picture adds is the same whatever came before it")
    func order() throws {
        let network = EfficientNetLite.lite0.graph(height: 32, width: 32, taps: [0], hasClassifier: false)
        let images = Array(PatternImages(seed: 4, width: 32, height: 32).first(6))
        var forwards = try Calibration(network, weights: RandomWeights(seed: 2), kernels: KernelTable(.best))
        var backwards = forwards
        for image in images { forwards.add(image: image) }
        for image in images.reversed() { backwards.add(image: image) }
        #expect(forwards.parameters(.quantile(0.999)) == backwards.parameters(.quantile(0.999)))
    }
}
