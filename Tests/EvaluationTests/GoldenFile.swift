import Foundation

/// Golden/figures.json, as Golden/figures.py writes it.
struct GoldenFile: Decodable {
    struct Ranking: Decodable {
        let good: [Float]
        let bad: [Float]
        let auroc: Double
        let ap: Double
        let maximumF1: Double
        let maximumF1Threshold: Float
    }

    struct Maps: Decodable {
        let shape: [Int]
        let maps: [Float]
        let masks: [Int]
        let auroc: Double
        let aupro: Double
        let aupro25: Double
        let auproWhole: Double
        let regions: Int
    }

    struct Smooth: Decodable {
        let shape: [Int]
        let values: [Float]
        let sigma: Double
        let smooth: [Float]
    }

    struct Area: Decodable {
        let shape: [Int]
        let mask: [Int]
        let smallShape: [Int]
        let small: [Int]
    }

    let rankings: [Ranking]
    let maps: [Maps]
    let smooth: Smooth
    let area: Area

    static func read() throws -> GoldenFile {
        let url = Bundle.module.resourceURL!.appending(path: "Golden/figures.json")
        return try JSONDecoder().decode(GoldenFile.self, from: Data(contentsOf: url))
    }
}
