import Imaging
package import Inference
package import Kernels
package import ModelPackages

/// Whether the tiles of a region are known each by itself, where a part always lies the same way: see `TaughtProduct.teach`.
package enum TilePositions: String, Sendable, CaseIterable {
    /// Where good parts score hardly higher for it.
    case compared
    /// In every region of at least two tiles: parts lie in a fixture.
    case always
    case never
}

extension TaughtProduct {
    /// Trains a head for a region of the index given, or returns nil where the banks alone do better.
    package typealias HeadTraining = (HeadLesson, Int, SegmentationHead?) throws(TeachingError) ->
        SegmentationHead?

    /// Learns a product from `pictures` of good parts.
    ///
    /// The same pictures in the same order give the same product, on every instruction set. Blocks, for a second
    /// or two a picture where regions are not tiled. `progress` gets how many steps are done, and of how many.
    /// With a `training`, each region gets the head that it returns; what it practises on has the `missed` defects of its
    /// region among it. The `positions` of each region, `compared` behind the last, count for fixed views and up to 64 tiles. Throws `TeachingError` for pictures, regions and
    /// masks that do not fit each other, and for a trunk that is none.
    package static func teach(
        name: String, pictures: [ReferencePicture], regions: [TaughtRegion], trunk: ModelPackage,
        fusion: PatchFusion? = nil, shipped: ShippedWeights = ShippedWeights(), views: ReferenceViews,
        positions: [TilePositions] = [], kernels: KernelTable, pool: TensorPool,
        missed: [MissedDefect] = [], training: HeadTraining? = nil,
        progress: (Int, Int) -> Void
    ) throws(TeachingError) -> TaughtProduct {
        let first = try requireAlike(pictures)
        guard 1...mostRegions ~= regions.count else { throw .regionCount(found: regions.count) }
        let trunks = PatchTrunks(trunk, kernels: kernels, pool: pool)
        let cuts = try TileCuts(regions, frame: first.size, format: first.format, kernels: kernels)
        var school = School(
            pictures: pictures, regions: regions, cuts: cuts, trunks: trunks, views: views,
            positions: regions.indices.map { positions.indices ~= $0 ? positions[$0] : .compared },
            fusion: fusion, shipped: shipped, missed: missed)
        do {
            return try school.product(name: name, training, progress: progress)
        } catch let error as TeachingError {
            throw error
        } catch let error as ModelError {
            throw .model(error)
        } catch {
            preconditionFailure("teaching threw \(error)")
        }
    }
}

extension TaughtProduct {
    /// The first of `pictures`. Throws `pictureCount` for too few or too many of them, `otherFormat` if they are not all of
    /// one size and format.
    @discardableResult
    package static func requireAlike(
        _ pictures: [ReferencePicture]
    ) throws(TeachingError) -> ReferencePicture {
        guard let first = pictures.first, pictures.count <= mostReferences else {
            throw .pictureCount(found: pictures.count)
        }
        for (index, picture) in pictures.enumerated()
        where picture.size != first.size || picture.format != first.format {
            throw .otherFormat(
                number: index + 1, found: "\(picture.format.rawValue) of \(picture.size)",
                wanted: "\(first.format.rawValue) of \(first.size)")
        }
        return first
    }
}

/// One product being taught.
private struct School {
    let pictures: [ReferencePicture]
    let regions: [TaughtRegion]
    let cuts: TileCuts
    let trunks: PatchTrunks
    let views: ReferenceViews
    /// Of each region.
    let positions: [TilePositions]
    let shipped: ShippedWeights
    let missed: [MissedDefect]
    private var lessons: [PatchTeaching]
    /// What shipped weights add to the bank of each region.
    private var additions: [ShippedAdditions]
    /// That of each region; nil where there is none.
    private var heads: [SegmentationHead?]
    private var done = 0
    /// The most tiles that a head practises on.
    private static let mostTiles = 64

    init(
        pictures: [ReferencePicture], regions: [TaughtRegion], cuts: TileCuts, trunks: PatchTrunks,
        views: ReferenceViews, positions: [TilePositions], fusion: PatchFusion?, shipped: ShippedWeights,
        missed: [MissedDefect]
    ) {
        (self.positions, self.missed) = (positions, missed)
        (self.pictures, self.regions, self.cuts) = (pictures, regions, cuts)
        (self.trunks, self.views, self.shipped) = (trunks, views, shipped)
        lessons = regions.map { _ in PatchTeaching(trunks, views: views, fusion: fusion) }
        heads = regions.map { _ in nil }
        additions = regions.map { _ in ShippedAdditions() }
    }

    mutating func product(
        name: String, _ training: TaughtProduct.HeadTraining?, progress: (Int, Int) -> Void
    ) throws -> TaughtProduct {
        // Every picture is learned, judged by banks without it, and judged by all.
        let compared = regions.indices.filter { isCompared($0) }.count * 2 * comparedParts.count
        let total = 3 * pictures.count + compared + 1
        func step() {
            done += 1
            progress(done, total)
        }
        for picture in pictures {
            try learn(picture)
            step()
        }
        for (lesson, region) in zip(lessons, regions) where !lesson.hasPatches {
            throw TeachingError.nothingLeft(region: region.rect)
        }
        for index in lessons.indices {
            let lesson = try placed(index, step)
            lessons[index] = lesson
        }
        if training != nil || !shipped.isEmpty {
            for index in lessons.indices {
                let lesson = HeadLesson(
                    lessons[index], tiles: tiles(of: index),
                    missed: missed.flatMap { $0.pieces(cuts, region: index) })
                additions[index] = try lesson.additions(shipped, kernels: trunks.kernels)
                heads[index] = try training?(lesson, index, additions[index].head)
            }
        }
        let leaveOneOut = try leaveOneOutScores(step)
        let banks = try lessons.indices.map { index in
            let bank = additions[index].added(to: try lessons[index].bank())
            return heads[index].map(bank.with) ?? bank
        }
        step()
        let judge = ProductJudge(banks, cuts, trunks)
        var own: [Float] = []
        for picture in pictures {
            own.append(try judge.judge(picture).score)
            step()
        }
        return TaughtProduct(
            name: name, trunk: banks[0].trunk, frame: cuts.frame, format: pictures[0].format, views: views,
            regions: regions, banks: banks, leaveOneOutScores: leaveOneOut, ownScores: own)
    }

    /// How much higher than before one bank for all tiles a good part may score before a bank for each.
    private static let positionTolerance: Float = 1.01
    /// The most tiles that are known each by itself: each takes as much memory as all of another region.
    private static let mostPositions = 64

    /// The lesson of region `index`, which knows each of its tiles by itself where good parts score hardly higher for it: where a
    /// part always lies the same way, at the same place. Then a thing in the wrong place is none of the good ones, and each tile
    /// has a whole bank of its own. One part alone does not tell. Where parts are said to lie in a fixture, nothing is compared.
    private func placed(_ index: Int, _ step: () -> Void) throws(ModelError) -> PatchTeaching {
        let together = lessons[index], groups = groups, isCompared = isCompared(index)
        guard isCompared || hasPositions(index) && positions[index] == .always else { return together }
        var placed = together
        placed.know(tiles(at: index))
        guard isCompared else { return placed }
        /// The sum of what good parts score before banks without them.
        func leftOut(_ lesson: PatchTeaching) throws(ModelError) -> Float {
            var sum: Float = 0
            for part in comparedParts {
                let bank = try lesson.bank { other, _ in groups[other] != groups[part] }
                let judge = ProductJudge(regions.map { _ in bank }, cuts, trunks)
                sum += try judge.judge(pictures[part], region: index).score
                step()
            }
            return sum
        }
        let before = try leftOut(together)
        return try leftOut(placed) > Self.positionTolerance * before ? together : placed
    }

    private func tiles(at region: Int) -> [Region] { cuts.tiles.filter { $0.region == region }.map(\.rect) }

    private func hasPositions(_ region: Int) -> Bool {
        views == .fixed && 2...Self.mostPositions ~= tiles(at: region).count
    }

    private func isCompared(_ region: Int) -> Bool {
        hasPositions(region) && positions[region] == .compared && Set(groups).count > 1
    }

    /// The parts that say whether positions tell anything: the first few.
    private var comparedParts: Range<Int> { pictures.indices.prefix(4) }

    /// For each picture, the first that is equal to it: one that is there twice is one part.
    private var groups: [Int] {
        pictures.map { picture in pictures.firstIndex { $0.pixels == picture.pixels } ?? 0 }
    }

    private mutating func learn(_ picture: ReferencePicture) throws(ModelError) {
        for index in lessons.indices { lessons[index].beginPart() }
        for tile in cuts.tiles {
            try lessons[tile.region].add(
                .init(pixels: cuts.pixels(of: picture, tile), size: tile.input, mask: tile.mask))
        }
    }

    /// The tiles of the parts that region `region` shows, an even choice of `mostTiles` of them.
    private func tiles(of region: Int) -> [HeadLesson.Tile] {
        // A tile whose mask leaves nothing teaches nothing.
        let cut = cuts.tiles.filter { $0.region == region && $0.mask?.contains(1) != false }
        let places = pictures.indices.flatMap { part in cut.indices.map { (part, $0) } }
        let count = min(places.count, Self.mostTiles)
        return (0..<count).map { number in
            let (part, tile) = places[number * places.count / count]
            return HeadLesson.Tile(
                part: part, number: cut[tile].number, pixels: cuts.pixels(of: pictures[part], cut[tile]),
                size: cut[tile].input)
        }
    }

    /// METHODS 1.2, one score for each part: of its views against a bank without that part; of one part, without that
    /// view.
    private func leaveOneOutScores(_ step: () -> Void) throws(ModelError) -> [Float] {
        let groups = groups
        var scores: [Float] = []
        for (part, picture) in pictures.enumerated() {
            defer { step() }
            if groups.contains(where: { $0 != groups[0] }) {
                let judges = try judges { other, _ in groups[other] != groups[part] }
                let ofViews = try views.all.map { view throws(ModelError) in
                    try judges.worst(picture, view)
                }
                scores.append(PatchTeaching.partScore(ofViews, isOnly: false))
            } else if part == 0 {
                scores.append(PatchTeaching.partScore(try selfScores(picture), isOnly: true))
            }
        }
        return scores
    }

    /// The scores of views of the only part.
    private func selfScores(_ picture: ReferencePicture) throws(ModelError) -> [Float] {
        guard views.all.count > 1 else {
            let judges = try judges { part, _ in part == 0 }
            return try SelfView.all.map { change throws(ModelError) in
                try judges.worst(picture, .plain, change)
            }
        }
        return try views.all.indices.map { left throws(ModelError) in
            let judges = try judges { part, view in part == 0 && view != left }
            return try judges.worst(picture, views.all[left])
        }
    }

    /// Judges without and, where there are heads, with them: a head has seen every part, and of its scores alone a
    /// limit would be too low.
    private func judges(of isUsed: (_ part: Int, _ view: Int) -> Bool) throws(ModelError) -> [ProductJudge] {
        let banks = try lessons.indices.map { index throws(ModelError) in
            additions[index].added(to: try lessons[index].bank(of: isUsed))
        }
        let plain = ProductJudge(banks, cuts, trunks)
        guard heads.contains(where: { $0 != nil }) else { return [plain] }
        return [
            plain,
            ProductJudge(zip(banks, heads).map { bank, head in head.map(bank.with) ?? bank }, cuts, trunks),
        ]
    }
}

extension [ProductJudge] {
    /// The highest of their scores.
    fileprivate func worst(
        _ picture: ReferencePicture, _ view: ReferenceViews.View, _ change: SelfView = .none
    ) throws(ModelError) -> Float {
        var worst: Float = 0
        for judge in self { worst = Swift.max(worst, try judge.judge(picture, view, change).score) }
        return worst
    }
}
