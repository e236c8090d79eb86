import AnomalyModels
import Foundation
import Inference
import Kernels
import Testing

/// EfficientNet-Lite0 as it is packaged, calibrated on patterns, on several hundred photographs of surfaces.
///
///     LINEWATCH_LONG=1 swift test -c release --filter TrunkAccuracyTests
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["LINEWATCH_LONG"] != nil,
        "takes a minute: set LINEWATCH_LONG=1"),
    .enabled(if: InspectionImages.folder != nil, "needs the inspection images: set LINEWATCH_SHARED"))
struct TrunkAccuracyTests {
    @Test(
        "Lite0 in int8 keeps every tap within METHODS.md 10.2's bound, names the classes that float32 names, and tells defects apart as well"
    )
    func lite0() throws {
        let network = EfficientNetLite.lite0
        let graph = network.graph(
            height: 224, width: 224, taps: Array(network.blocks.indices), hasClassifier: true)
        let weights = try Networks.efficientNet(network)
        let quantised = try weights.quantised(
            for: graph, images: PatternImages(seed: 1, width: 224, height: 224).first(256))
        let session = try unsafe Session(
            CompiledModel(graph, weights: quantised.source, kernels: KernelTable(.best)), pool: TensorPool())
        let reference = try ReferenceSession(
            graph, weights: FloatSource(weights), kernels: KernelTable(.best), keepsAll: false)

        // Every 11th of all data sets, then all of one with six labelled defects.
        let mixed = try InspectionImages.entries(every: 11)
        let labelled = try InspectionImages.entries(dataset: "neu_det")
        var taps: [String: [Agreement]] = [:], sameTop = 0
        var features: [(label: String, int8: [Float], float: [Float])] = []
        for (index, entry) in (mixed + labelled).enumerated() {
            let image = try InspectionImages.pixels(entry.path, side: 224)
            reference.run(image: image)
            unsafe session.withInput { unsafe $0.copyBytes(from: image) }
            session.run()
            if index >= mixed.count {
                features.append(
                    (
                        entry.defect, try #require(session.floats("pooled")),
                        try #require(reference.output("pooled"))
                    ))
                continue
            }
            for (name, value) in graph.outputs {
                let found = try #require(session.floats(name)),
                    expected = try #require(reference.output(name))
                taps[name, default: []].append(
                    Agreement(found, expected, width: graph.nodes[value].shape.last ?? 1))
                if name == "logits" && greatest(found) == greatest(expected) { sameTop += 1 }
            }
        }
        for (name, _) in graph.outputs {
            let all = taps[name] ?? [], count = Double(all.count)
            print(name, summary(all))
            #expect(all.map(\.cosine).reduce(0, +) / count >= 0.998, "\(name)")
            #expect(all.map(\.relativeL2).reduce(0, +) / count <= 0.06, "\(name)")
        }
        let int8 = accuracy(features.map { ($0.label, $0.int8) }),
            float = accuracy(features.map { ($0.label, $0.float) })
        print("top class as float32: \(sameTop) of \(mixed.count) images")
        print(
            "neu_det (\(features.count)), nearest class mean, leave one out: float \(float) %, int8 \(int8) %"
        )
        #expect(float - int8 <= 1)
        #expect(Double(sameTop) >= 0.8 * Double(mixed.count))
    }

    private func greatest(_ values: [Float]) -> Int? { values.indices.max { values[$0] < values[$1] } }

    private func summary(_ all: [Agreement]) -> String {
        let count = Double(all.count)
        let cosine = all.map(\.cosine).reduce(0, +) / count, l2 = all.map(\.relativeL2).reduce(0, +) / count
        return String(format: "cosine %.4f relative L2 %.4f", cosine, l2)
    }

    /// The percentage of features whose nearest class mean, without themselves, is that of their label; unit
    /// vectors.
    private func accuracy(_ features: [(label: String, feature: [Float])]) -> Double {
        let units = features.map { entry in
            let length = entry.feature.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return (label: entry.label, feature: entry.feature.map { $0 / length })
        }
        var sums: [String: [Float]] = [:], counts: [String: Int] = [:]
        for (label, feature) in units {
            sums[label] = zip(sums[label] ?? [Float](repeating: 0, count: feature.count), feature).map {
                $0 + $1
            }
            counts[label, default: 0] += 1
        }
        let right = units.count { label, feature in
            let distances = sums.map { name, sum in
                let own: Float = name == label ? 1 : 0, count = Float(counts[name] ?? 1) - own
                return (
                    name,
                    zip(sum, feature).reduce(Float(0)) { distance, pair in
                        let difference = (pair.0 - own * pair.1) / count - pair.1
                        return distance + difference * difference
                    }
                )
            }
            return distances.min { $0.1 < $1.1 }?.0 == label
        }
        return (1000 * Double(right) / Double(units.count)).rounded() / 10
    }
}
