import AnomalyModels
import Testing

struct PatternImageTests {
    @Test("the same seed draws the same pictures, another seed others")
    func seeded() {
        let images = PatternImages(seed: 11, width: 48, height: 32)
        for index in 0..<16 {
            #expect(images.image(index) == PatternImages(seed: 11, width: 48, height: 32).image(index))
            #expect(images.image(index) != PatternImages(seed: 12, width: 48, height: 32).image(index))
            #expect(images.image(index).count == 48 * 32 * 3)
        }
        #expect(Set(images.first(32)).count == 32)
    }

    @Test("pictures differ in brightness and contrast, and few are nearly flat")
    func varied() {
        var means: [Float] = [], deviations: [Float] = []
        for image in PatternImages(seed: 1, width: 64, height: 64).first(128) {
            let mean = image.reduce(0) { $0 + Float($1) } / Float(image.count)
            let variance =
                image.reduce(0) { $0 + (Float($1) - mean) * (Float($1) - mean) } / Float(image.count)
            means.append(mean)
            deviations.append(variance.squareRoot())
        }
        #expect(means.count { $0 < 90 } > 8 && means.count { $0 > 160 } > 8)
        #expect(deviations.count { $0 < 4 } < 16, "nearly flat: \(deviations.count { $0 < 4 })")
        #expect(deviations.count { $0 > 40 } > 16)
    }

    @Test("any size from 16 pixels on can be drawn", arguments: [(16, 16), (17, 40), (300, 16)])
    func sizes(width: Int, height: Int) {
        for image in PatternImages(seed: 2, width: width, height: height).first(16) {
            #expect(image.count == width * height * 3)
        }
    }
}
