package import Imaging

/// What a segmentation head of one region is trained with: its good parts, and the banks that do not know one of them.
package struct HeadLesson {
    /// The good parts, all added.
    package let teaching: PatchTeaching
    package let tiles: [Tile]
    /// Defects that operators marked as missed, to practise on.
    package let missed: [Missed]

    /// A piece of a good part, as the network reads it.
    package struct Tile {
        /// The part that it is of, counted from 0.
        package let part: Int
        /// Which tile of its region it is, counted from 0.
        package let number: Int
        /// RGB `[size.height, size.width, 3]`.
        package let pixels: [UInt8]
        package let size: Size

        package init(part: Int, number: Int = 0, pixels: [UInt8], size: Size) {
            (self.part, self.number, self.pixels, self.size) = (part, number, pixels, size)
        }
    }

    /// A piece of a part with a defect that was missed, as the network reads it.
    package struct Missed {
        /// Which tile of its region it is, counted from 0.
        package let tile: Int
        /// RGB `[size.height, size.width, 3]`.
        package let pixels: [UInt8]
        package let size: Size
        /// Where the defect is, in pixels of this piece.
        package let box: Region

        /// - Precondition: the box lies in the piece.
        package init(tile: Int = 0, pixels: [UInt8], size: Size, box: Region) {
            precondition(box.isContained(in: size), "\(box) in a piece of \(size)")
            (self.tile, self.pixels, self.size, self.box) = (tile, pixels, size, box)
        }
    }

    /// - Precondition: there is a tile.
    package init(_ teaching: PatchTeaching, tiles: [Tile], missed: [Missed] = []) {
        precondition(!tiles.isEmpty, "a lesson of no tile")
        (self.teaching, self.tiles, self.missed) = (teaching, tiles, missed)
    }

    /// The most banks that leave something out.
    private static let mostFolds = 4
    /// With one part, views take the place of parts.
    private var folds: Int {
        min(teaching.references > 1 ? teaching.references : views.count, Self.mostFolds)
    }

    /// The views that keep the size of a tile.
    package var views: [ReferenceViews.View] {
        let isSquare = tiles.allSatisfy { $0.size.width == $0.size.height }
        return teaching.views.all.filter { isSquare || !$0.isTransposed }
    }

    /// Which of the banks of `banks()` does not know view `view`, an index of `views`, of `part`.
    package func fold(part: Int, view: Int) -> Int { (teaching.references > 1 ? part : view) % folds }

    /// Banks without one part, or without some of many; of a single part, without some of its views. Blocks. Throws
    /// what `PatchTeaching.bank` throws.
    package func banks() throws(ModelError) -> [PatchBank] {
        guard teaching.references > 1 || views.count > 1 else { return [try teaching.bank()] }
        let all = teaching.views.all, kept = views
        return try (0..<folds).map { fold throws(ModelError) in
            try teaching.bank { part, view in
                guard teaching.references == 1 else { return part % folds != fold }
                return kept.firstIndex(of: all[view]).map { $0 % folds != fold } ?? false
            }
        }
    }
}
