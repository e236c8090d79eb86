import Foundation
import Testing
import Training

@Suite("k-means")
struct KMeansFitTests {
    /// What scikit-learn's Lloyd made of the same points from the same centres; see Golden/kmeans.py.
    private struct Golden: Decodable {
        let width: Int
        let points: [Double]
        let start: [Double]
        let centres: [Double]
        let labels: [Int]
        let inertia: Double
    }

    @Test("ends where scikit-learn's does from the same centres")
    func golden() throws {
        let path = try #require(
            Bundle.module.url(forResource: "kmeans", withExtension: "json", subdirectory: "Golden"))
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path))
        var settings = KMeansFit<Double>.Settings(clusters: golden.start.count / golden.width, seed: 0)
        settings.tolerance = 0
        let fit = KMeansFit(
            golden.points, width: golden.width, from: golden.start, settings, workers: try Workers(count: 2))
        #expect(fit.labels == golden.labels)
        #expect(zip(fit.centres, golden.centres).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(abs(fit.inertia - golden.inertia) < 1e-9 * golden.inertia)
    }

    /// Points about `clusters` places that lie far apart, in turn.
    private func groups(_ clusters: Int, each count: Int, width: Int) -> [Float] {
        var numbers = TestNumbers("groups")
        let places = numbers.normal(clusters * width).map { 20 * $0 }
        return (0..<clusters * count).flatMap { row in
            numbers.normal(width).enumerated().map { Float($1 + places[row % clusters * width + $0]) }
        }
    }

    @Test("finds groups that lie far apart, whatever the seed", arguments: 0..<12 as Range<UInt64>)
    func planted(seed: UInt64) throws {
        let values = groups(4, each: 30, width: 7)
        let fit = KMeansFit(
            values, width: 7, .init(clusters: 4, seed: seed), workers: try Workers(count: 2))
        let names = fit.labels[..<4]
        #expect(Set(names).count == 4)
        #expect(fit.labels.enumerated().allSatisfy { $1 == names[$0 % 4] })
        #expect(fit.rounds < 10)
    }

    @Test("of directions does not see how long rows are, and its centres have length 1")
    func spherical() throws {
        var numbers = TestNumbers("directions")
        let values = groups(3, each: 20, width: 5)
        let stretched = values.enumerated().map { $1 * Float($0 / 5 % 7 + 1) }
        var settings = KMeansFit<Float>.Settings(clusters: 3, seed: UInt64(numbers.index(below: 9)))
        settings.geometry = .spherical
        let workers = try Workers(count: 1)
        let (plain, long) = (
            KMeansFit(values, width: 5, settings, workers: workers),
            KMeansFit(stretched, width: 5, settings, workers: workers)
        )
        #expect(plain.labels == long.labels && Set(plain.labels).count == 3)
        for cluster in 0..<3 {
            let length = plain.centres[cluster * 5..<cluster * 5 + 5].reduce(0) { $0 + $1 * $1 }
            #expect(abs(length - 1) < 1e-5)
        }
    }

    @Test("with fewer different rows than clusters sorts them all, and equal seeds give equal fits")
    func fewRows() throws {
        let workers = try Workers(count: 1)
        let values: [Float] = [1, 2, 1, 2, 5, 6]
        let fit = KMeansFit(values, width: 2, .init(clusters: 4, seed: 3), workers: workers)
        #expect(fit.labels[0] == fit.labels[1] && fit.labels[0] != fit.labels[2] && fit.inertia == 0)
        let many = groups(5, each: 9, width: 3)
        let fits = (0..<2).map { _ in
            KMeansFit(many, width: 3, .init(clusters: 7, seed: 5), workers: workers)
        }
        #expect(fits[0].labels == fits[1].labels && fits[0].centres == fits[1].centres)
    }

    @Test("on a tape gives the means of its clusters, and their gradient to the rows in equal parts")
    func straightThrough() throws {
        let tape = Tape<Float>(workers: try Workers(count: 1))
        tape.begin()
        let x = tape.variable(groups(2, each: 3, width: 2), [2, 3, 2])
        let (means, labels) = tape.kMeans(x, .init(clusters: 2, seed: 1))
        tape.backward(tape.sum(means))
        #expect(means.shape == [2, 2] && labels.count == 6)
        #expect(tape.gradientValues(of: x).allSatisfy { abs($0 - 1 / 3) < 1e-6 })
    }
}
