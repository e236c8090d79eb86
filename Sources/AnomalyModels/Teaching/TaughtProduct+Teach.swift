import Imaging
package import Inference
package import Kernels
package import ModelPackages

extension TaughtProduct {
    /// Learns a product from `pictures` of good parts.
    ///
    /// The same pictures in the same order give the same product, on every instruction set. Blocks, for a second
    /// or two a picture where regions are not tiled. `progress` gets how many steps are done, and of how many.
    /// Throws `TeachingError` for pictures, regions and masks that do not fit each other, and for a trunk that
    /// is none.
    package static func teach(
        name: String, pictures: [ReferencePicture], regions: [TaughtRegion], trunk: ModelPackage,
        fusion: PatchFusion? = nil, views: ReferenceViews, kernels: KernelTable, pool: TensorPool,
        progress: (Int, Int) -> Void
    ) throws(TeachingError) -> TaughtProduct {
        guard let first = pictures.first, pictures.count <= mostReferences else {
            throw .pictureCount(found: pictures.count)
        }
        guard 1...mostRegions ~= regions.count else { throw .regionCount(found: regions.count) }
        for (index, picture) in pictures.enumerated()
        where picture.size != first.size || picture.format != first.format {
            throw .otherFormat(
                number: index + 1, found: "\(picture.format.rawValue) of \(picture.size)",
                wanted: "\(first.format.rawValue) of \(first.size)")
        }
        let trunks = PatchTrunks(trunk, kernels: kernels, pool: pool)
        let cuts = try TileCuts(regions, frame: first.size, format: first.format, kernels: kernels)
        var school = School(
            pictures: pictures, regions: regions, cuts: cuts, trunks: trunks, views: views, fusion: fusion)
        do {
            return try school.product(name: name, progress: progress)
        } catch let error as TeachingError {
            throw error
        } catch let error as ModelError {
            throw .model(error)
        } catch {
            preconditionFailure("teaching threw \(error)")
        }
    }
}

/// One product being taught.
private struct School {
    let pictures: [ReferencePicture]
    let regions: [TaughtRegion]
    let cuts: TileCuts
    let trunks: PatchTrunks
    let views: ReferenceViews
    private var lessons: [PatchTeaching]
    private var done = 0

    init(
        pictures: [ReferencePicture], regions: [TaughtRegion], cuts: TileCuts, trunks: PatchTrunks,
        views: ReferenceViews, fusion: PatchFusion?
    ) {
        (self.pictures, self.regions, self.cuts) = (pictures, regions, cuts)
        (self.trunks, self.views) = (trunks, views)
        lessons = regions.map { _ in PatchTeaching(trunks, views: views, fusion: fusion) }
    }

    mutating func product(name: String, progress: (Int, Int) -> Void) throws -> TaughtProduct {
        // Every picture is learned, judged by banks without it, and judged by all.
        let total = 3 * pictures.count + 1
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
        let leaveOneOut = try leaveOneOutScores(step)
        let banks = try lessons.map { lesson throws(ModelError) in try lesson.bank() }
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

    private mutating func learn(_ picture: ReferencePicture) throws(ModelError) {
        for index in lessons.indices { lessons[index].beginPart() }
        for tile in cuts.tiles {
            try lessons[tile.region].add(
                .init(pixels: cuts.pixels(of: picture, tile), size: tile.input, mask: tile.mask))
        }
    }

    /// METHODS 1.2: each view of a part against a bank without that part; of one part, without that view.
    private func leaveOneOutScores(_ step: () -> Void) throws(ModelError) -> [Float] {
        // A picture that is there twice is one part: the bank would know it.
        let groups = pictures.map { picture in pictures.firstIndex { $0.pixels == picture.pixels } ?? 0 }
        var scores: [Float] = []
        for (part, picture) in pictures.enumerated() {
            defer { step() }
            if groups.contains(where: { $0 != groups[0] }) {
                let judge = try judge { other, _ in groups[other] != groups[part] }
                for view in views.all { scores.append(try judge.judge(picture, view).score) }
            } else if part == 0 {
                scores += try selfScores(picture)
            }
        }
        return scores
    }

    /// The scores of views of the only part.
    private func selfScores(_ picture: ReferencePicture) throws(ModelError) -> [Float] {
        guard views.all.count > 1 else {
            let judge = try judge { part, _ in part == 0 }
            return try SelfView.all.map { change throws(ModelError) in
                try judge.judge(picture, .plain, change).score
            }
        }
        return try views.all.indices.map { left throws(ModelError) in
            let judge = try judge { part, view in part == 0 && view != left }
            return try judge.judge(picture, views.all[left]).score
        }
    }

    private func judge(of isUsed: (_ part: Int, _ view: Int) -> Bool) throws(ModelError) -> ProductJudge {
        let banks = try lessons.map { lesson throws(ModelError) in try lesson.bank(of: isUsed) }
        return ProductJudge(banks, cuts, trunks)
    }
}
