import Evaluation
import Foundation
import Imaging
import Platform
import Testing

@Suite("clusters without labels")
struct ClusteringTests {
    /// `count` points about each of some corners of a cube in `width` dimensions.
    private func groups(_ groupCount: Int, _ count: Int, width: Int, spread: Double) -> (
        points: [[Double]], types: [Int]
    ) {
        var random = SplitMix64(seed: 21)
        var points: [[Double]] = [], types: [Int] = []
        for item in 0..<groupCount * count {
            let type = item % groupCount
            points.append(
                (0..<width).map { axis in
                    let noise = Double(random.next() >> 11) / Double(1 << 53) - 0.5
                    return (type >> (axis % 3) & 1 == 1 ? 1 : 0) * 4 + spread * noise
                })
            types.append(type)
        }
        return (points, types)
    }

    @Test("are the groups where these lie apart, each time alike, with and without principal components")
    func apart() throws {
        let (points, types) = groups(6, 20, width: 9, spread: 1)
        let found = KMeans(points, count: 6, seed: 3)
        #expect(ClusterAgreement(types: types, clusters: found.clusters).accuracy == 1)
        #expect(KMeans(points, count: 6, seed: 3).clusters == found.clusters)
        let projected = PrincipalComponents.projected(points, count: 3)
        let other = KMeans(projected, count: 6, seed: 0)
        #expect(ClusterAgreement(types: types, clusters: other.clusters).accuracy == 1)
    }

    @Test("are one where all points are equal, and no more than there are points")
    func equal() {
        #expect(Set(KMeans([[1, 2], [1, 2], [1, 2]], count: 3, seed: 0).clusters) == [0])
        #expect(KMeans([[1], [5]], count: 4, seed: 0).inertia == 0)
    }

    @Test("components keep all distances if there are as many as coordinates, and the first varies most")
    func components() throws {
        let (points, _) = groups(5, 8, width: 4, spread: 3)
        let whole = PrincipalComponents.projected(points, count: 4)
        func square(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        for (i, j) in [(0, 1), (3, 17), (22, 39)] {
            #expect(abs(square(points[i], points[j]) - square(whole[i], whole[j])) < 1e-9)
        }
        let variances = (0..<4).map { axis in whole.reduce(0) { $0 + $1[axis] * $1[axis] } }
        #expect(variances == variances.sorted(by: >))
        // Different components do not vary together.
        #expect(abs(whole.reduce(0) { $0 + $1[0] * $1[1] }) < 1e-6 * variances[0])
        #expect(PrincipalComponents.projected([[1, 1], [1, 1]], count: 2) == [[0, 0], [0, 0]])
    }

    /// Sorts by the level of the first pixel.
    private struct ByLevel: ClusteringMethod {
        var levels: [Double] = []

        mutating func add(_ image: RGBImage) throws { levels.append(Double(image.pixels[0])) }

        func clusters(count: Int, seed: Int) throws -> [Int] {
            KMeans(levels.map { [$0] }, count: count, seed: seed).clusters
        }
    }

    @Test("take in the defective images of every split, and name those that cannot be read")
    func run() throws {
        let folder = DetectionRunTests.Folder()
        let lines = ["dark", "dark", "light", "light", "good", "light"].enumerated().map { index, type in
            "s/\(index).png,s,\(index % 2 == 0 ? "train" : "test"),\(type == "good" ? "good" : "defective"),\(type)\n"
        }
        for (index, level) in [10, 12, 200, 210, 100].enumerated() {
            try folder.write("s/\(index).png", level: UInt8(level))
        }
        let manifest = try DataSetManifest(
            csv: Array(("path,dataset,split,label,defect_type\n" + lines.joined()).utf8), path: "M")
        var method = ByLevel()
        var settings = DetectionRun.Settings(folder: folder.path)
        let run = try ClusteringRun(manifest, dataSet: "s", &method, settings) { _, _ in }
        #expect(run.rows.count == 4 && run.types == ["dark", "light"])
        #expect(run.leftOut.map(\.path) == ["s/5.png"])
        let agreement = try #require(try run.agreement(method, seed: 0))
        #expect(agreement.accuracy == 1 && agreement.nmi == 1 && agreement.ari == 1)
        settings.isStrict = true
        #expect(throws: EvaluationError.self) {
            try ClusteringRun(manifest, dataSet: "s", &method, settings) { _, _ in }
        }
    }
}
