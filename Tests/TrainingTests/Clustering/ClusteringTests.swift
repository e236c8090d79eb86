import Evaluation
import Testing
import Training

@Suite("clustering of defects")
struct DefectClusteringTests {
    /// `count` noisy directions about each of `kinds`.
    private func directions(kinds: Int, count: Int, spread: Double, width: Int = 32, seed: UInt64 = 1) -> (
        rows: UnitRows, truth: [Int]
    ) {
        var random = RandomNumbers(seed: 4, stream: "kinds")
        let centres = (0..<kinds).map { _ in (0..<width).map { _ in random.nextNormal() } }
        random = RandomNumbers(seed: seed, stream: "defects")
        let truth = (0..<kinds * count).map { $0 % kinds }
        let values = truth.flatMap { kind in
            centres[kind].map { Float($0 + spread * random.nextNormal()) }
        }
        return (UnitRows(values, width: width), truth)
    }

    private func agreement(_ truth: [Int], _ clusters: [Int]) -> Double {
        ClusterAgreement(types: truth, clusters: clusters).ari ?? 0
    }

    @Test("directions that lie apart are told apart, each time alike")
    func apart() {
        let (rows, truth) = directions(kinds: 6, count: 40, spread: 0.5)
        let found = SphericalKMeans(rows, count: 6, seed: 2)
        #expect(agreement(truth, found.clusters) == 1)
        #expect(SphericalKMeans(rows, count: 6, seed: 2).clusters == found.clusters)
    }

    @Test("equal rows are one cluster, and there are no more clusters than rows")
    func equal() {
        let same = UnitRows([Float](repeating: 1, count: 40), width: 4)
        #expect(Set(SphericalKMeans(same, count: 3, seed: 0).clusters) == [0])
        #expect(ClusterCount(same, trying: 2...6, seed: 0).best == 1)
        let two = UnitRows([1, 0, 0, 1], width: 2)
        #expect(Set(SphericalKMeans(two, count: 5, seed: 0).clusters).count == 2)
    }

    @Test("the count of clusters is found where they lie apart", arguments: [2, 4, 7])
    func count(kinds: Int) {
        let (rows, _) = directions(kinds: kinds, count: 30, spread: 0.5)
        #expect(ClusterCount(rows, trying: 2...10, seed: 0).best == kinds)
    }

    @Test("of counts that are nearly as good the largest is taken")
    func nearlyEqual() {
        #expect(ClusterCount.best(of: [(2, 0.783), (3, 0.652), (4, 0.770), (5, 0.730)]) == 4)
        #expect(ClusterCount.best(of: [(5, 0.793), (6, 0.852), (7, 0.799)]) == 6)
        #expect(ClusterCount.best(of: []) == 1)
    }

    @Test("the silhouette is that of its definition")
    func silhouette() {
        let (rows, truth) = directions(kinds: 3, count: 7, spread: 0.8, width: 8)
        func distance(_ a: Int, _ b: Int) -> Double {
            1 - zip(rows.row(a), rows.row(b)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let expected = truth.indices.reduce(0.0) { sum, row in
            func mean(_ kind: Int) -> Double {
                let others = truth.indices.filter { truth[$0] == kind && $0 != row }
                return others.reduce(0) { $0 + distance(row, $1) } / Double(others.count)
            }
            let inside = mean(truth[row])
            let outside = (0..<3).filter { $0 != truth[row] }.map(mean).min() ?? 0
            return sum + (outside - inside) / max(inside, outside)
        }
        let value = ClusterCount.silhouette(rows, truth, 3)
        #expect(abs(value - expected / Double(truth.count)) < 1e-5)
    }

    @Test("linked rows stay together, and those that must not do not")
    func links() {
        let (rows, truth) = directions(kinds: 3, count: 20, spread: 0.5)
        let zeros = truth.indices.filter { truth[$0] == 0 }, ones = truth.indices.filter { truth[$0] == 1 }
        // The operator says: kinds 0 and 1 are one, and two halves of kind 2 are not.
        let twos = truth.indices.filter { truth[$0] == 2 }
        let must = [(zeros[0], ones[0]), (zeros[1], ones[0]), (zeros[2], ones[1]), (ones[1], zeros[0])]
        let found = SphericalKMeans(
            rows, count: 4, seed: 0,
            links: .init(must: must, cannot: [(twos[0], twos[1]), (twos[0], twos[2])]))
        for (a, b) in must { #expect(found.clusters[a] == found.clusters[b]) }
        #expect(found.clusters[twos[0]] != found.clusters[twos[1]])
        #expect(found.clusters[twos[0]] != found.clusters[twos[2]])
    }

    @Test("clusters found anew keep the ids of the types that they overlap by half")
    func ids() throws {
        let (rows, truth) = directions(kinds: 4, count: 50, spread: 0.5)
        // Types 7, 3, 9 and some of no type; kind 3 never was one.
        let types: [UInt16] = truth.enumerated().map { $0 % 10 == 9 ? 0 : [7, 3, 9, 0][$1] }
        let again = Reclustering(rows, types: types)
        #expect(again.clusters.count == 4 && again.changedShare == 0 && !again.isProposed)
        for (index, cluster) in again.clusterOf.enumerated() {
            #expect(again.clusters[cluster].keeps == ([7, 3, 9, nil] as [UInt16?])[truth[index]])
        }
        #expect(again.clusters.filter { $0.keeps == nil }.map(\.parents) == [[]])
    }

    @Test("a result that would change many ids is proposed")
    func proposed() {
        let (rows, truth) = directions(kinds: 3, count: 50, spread: 0.5)
        // One type was three kinds.
        let again = Reclustering(rows, types: truth.map { _ in 5 })
        #expect(again.clusters.count == 3 && again.isProposed && again.changedShare == 1)
        #expect(again.clusters.allSatisfy { $0.keeps == nil && $0.parents == [5] })
    }

    @Test(
        "a head that is trained leaves clear clusters as they are, each time alike",
        arguments: CentreLoss.allCases)
    func head(centreLoss: CentreLoss) throws {
        let (first, truth) = directions(kinds: 4, count: 16, spread: 0.7, width: 24, seed: 1)
        let (second, _) = directions(kinds: 4, count: 16, spread: 0.7, width: 24, seed: 2)
        let views = [first, second].map { rows in (0..<rows.count).flatMap { rows.row($0) } }
        let workers = try Workers(count: 1)
        var settings = ResidualHead.Settings()
        settings.centreLoss = centreLoss
        func trained() throws -> [Float] {
            try ResidualHead(
                views: views, width: 24, clusters: 4, seed: 3, settings: settings, workers: workers
            ).embeddings(of: views)
        }
        let embeddings = try trained()
        #expect(try trained() == embeddings)
        let found = SphericalKMeans(UnitRows(embeddings, width: 24), count: 4, seed: 0)
        #expect(agreement(truth, found.clusters) == 1)
    }

    @Test("the weights of an image are where it is rare, whatever the stride of the map that says so")
    func rarity() {
        func map(_ side: Int, _ place: Int?) -> RarityMap {
            RarityMap(
                columns: side, rows: side,
                values: (0..<side * side).map { $0 == place ? 0.9 : 0.2 + 0.01 * Float($0 % 3) })
        }
        let fine = MarkWeights(RarityMap(joining: [map(8, 34), map(4, nil), map(2, nil)]))
        #expect(abs(fine.values.reduce(0, +) - 1) < 1e-4)
        #expect(fine.values.indices.max { fine.values[$0] < fine.values[$1] } == 34)
        // Patch 5 of 4 x 4 is the middle of rows and columns 2 and 3 of 8 x 8.
        let coarse = MarkWeights(RarityMap(joining: [map(8, nil), map(4, 5), map(2, nil)]))
        let best = coarse.values.indices.max { coarse.values[$0] < coarse.values[$1] } ?? 0
        #expect((2...3).contains(best / 8) && (2...3).contains(best % 8))
    }

    /// Features of images of 4 x 4 patches; rarity is `level` of the image, and 1 more in one place where it has a mark.
    private func features(levels: [Float], hasMarks: Bool) -> DefectFeatures {
        var features = DefectFeatures(channels: [2, 2, 2], views: 1)
        for (index, level) in levels.enumerated() {
            let values = (0..<16).map { level + (hasMarks && $0 == index % 16 ? 1 : 0.01 * Float($0 % 4)) }
            let rarity = RarityMap(columns: 4, rows: 4, values: values)
            let map = PatchMap(
                columns: 4, rows: 4, channels: 2,
                vectors: values.flatMap { $0 > level + 0.5 ? [0, 1] : [1, Float(index % 2)] })
            features.add(
                [map, map, map], [.generated: MarkWeights(rarity)], rarity: rarity, view: 0)
        }
        return features
    }

    @Test("rarity counts where it says where a mark is, and not where it says what a surface is like")
    func gate() {
        let marks = features(levels: [0.2, 0.21, 0.19, 0.2], hasMarks: true)
        #expect(marks.localShare > 0.99 && marks.used(.generated) == .generated)
        #expect(marks.taps(.generated) == [0, 1, 2])
        let textures = features(levels: [0.2, 0.9, 0.3, 1.1], hasMarks: false)
        #expect(textures.localShare < 0.1 && textures.used(.generated) == .none)
        #expect(textures.taps(.generated) == [1, 2] && textures.taps(.given) == [0, 1, 2])
        #expect(textures.components(2, .generated).views == textures.components(2, .none).views)
        #expect(features(levels: [], hasMarks: true).used(.generated) == .none)
    }

    @Test("the elbow of the gap is the count of clusters where they lie apart, and 1 where there are none")
    func gap() {
        for kinds in [2, 4, 7] {
            let (rows, _) = directions(kinds: kinds, count: 30, spread: 0.5)
            let values = (0..<rows.count).flatMap { rows.row($0) }
            #expect(GapElbow(values, width: rows.width, upTo: 10, seed: 0).best == kinds)
        }
        let (rows, _) = directions(kinds: 1, count: 120, spread: 2)
        let values = (0..<rows.count).flatMap { rows.row($0) }
        #expect(GapElbow(values, width: rows.width, upTo: 10, seed: 0).best == 1)
        #expect(GapElbow([Float](repeating: 1, count: 40), width: 4, upTo: 10, seed: 0).best == 1)
        #expect(GapElbow([1, 2, 3], width: 3, upTo: 10, seed: 0).best == 1)
    }

    @Test("the elbow lies furthest above the line from the first to the last gap")
    func elbow() {
        #expect(GapElbow.elbow([0, 0.1, 0.3, 0.35, 0.4]) == 3)
        #expect(GapElbow.elbow([0, 0.001, 0.003, 0.002, 0.001]) == 1)
        #expect(GapElbow.elbow([0, 0.5]) == 1 && GapElbow.elbow([]) == 1)
    }

    @Test("a head that draws clusters no further apart is left out")
    func headLeftOut() throws {
        var features = DefectFeatures(channels: [2], views: 2)
        for index in 0..<12 {
            for view in 0..<2 {
                let map = PatchMap(
                    columns: 1, rows: 1, channels: 2, vectors: [Float(index % 3), Float(index % 2 + view)])
                features.add([map], [:], view: view)
            }
        }
        var clustering = DefectClustering(features, .none, workers: try Workers(count: 1))
        let gated = try clustering.sorted(into: 3, seed: 0)
        clustering.isGated = false
        let forced = try clustering.sorted(into: 3, seed: 0)
        #expect(forced.usesHead)
        let silhouettes = [gated, forced].map { ClusterCount.silhouette($0.embeddings, $0.clusters, 3) }
        #expect(gated.usesHead ? silhouettes[0] == silhouettes[1] : silhouettes[0] > silhouettes[1])
    }

    @Test("components keep the products of centred vectors if there are as many as directions")
    func components() {
        let (rows, _) = directions(kinds: 5, count: 6, spread: 1, width: 6)
        let values = (0..<rows.count).flatMap { rows.row($0) }
        let plane = PrincipalPlane(values, width: 6, count: 6), projected = plane.projected(values)
        func product(_ values: [Float], _ mean: [Float], _ a: Int, _ b: Int) -> Float {
            (0..<6).reduce(0) { $0 + (values[a * 6 + $1] - mean[$1]) * (values[b * 6 + $1] - mean[$1]) }
        }
        let zero = [Float](repeating: 0, count: 6)
        for (a, b) in [(0, 1), (3, 17), (22, 22)] {
            #expect(abs(product(values, plane.mean, a, b) - product(projected, zero, a, b)) < 1e-4)
        }
    }
}
