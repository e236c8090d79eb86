package import AnomalyModels
package import Evaluation
internal import Imaging
package import Inference
package import Kernels
package import ModelPackages

/// Defects of data sets from outside as the head that describes defects is trained on them, for weights that are not
/// shipped: the largest region of each mask is looked at, in eight views of the picture.
package struct LabelledDefects {
    private let embedder: DefectEmbedder
    private let picture = MarkedPicture(size: Size(width: 256, height: 256))
    private let folder: String
    private let kernels: KernelTable

    /// Of pictures in `folder`. Throws what `PatchTrunk` throws.
    package init(folder: String, trunk: ModelPackage, kernels: KernelTable, pool: TensorPool)
        throws(ModelError)
    {
        (self.folder, self.kernels) = (folder, kernels)
        let channels = try PatchTrunk(trunk, size: picture.size, kernels: kernels, pool: pool).taps
            .map(\.channels)
        guard
            let embedder = try DefectEmbedder(
                EmbeddingHead(poolingOver: channels), detector: picture, trunk: trunk, kernels: kernels,
                pool: pool)
        else { preconditionFailure("a head for \(channels) does not fit its own trunk") }
        self.embedder = embedder
    }

    /// What is wrong in the picture of `row`, once for each view; none of a good one or one without mask, nor where a file
    /// cannot be used, which is noted in `faults`. Blocks.
    ///
    /// Throws `EvaluationError` naming the file if `faults` is strict.
    package func defects(of row: DataSetManifest.Row, _ faults: inout PictureFaults) throws
        -> [DescribedDefect]
    {
        guard row.isDefective, let mask = row.maskPath else { return [] }
        let seen: (levels: [UInt8], labels: [Int32], region: Int32)
        do throws(PictureFault) { seen = try read(row.path, mask) } catch {
            try faults.note(error)
            return []
        }
        return ReferenceViews.turned.all.map { view in
            picture.show(
                view.of(seen.levels, picture.size, channels: 3),
                scores: picture.shares(
                    of: view.of(seen.labels, picture.size, channels: 1), region: seen.region))
            embedder.keep()
            return DescribedDefect(
                pooled: embedder.pooled(picture.peak), line: row.dataSet, source: .outside,
                state: row.defectType)
        }
    }

    private func read(
        _ path: String, _ maskPath: String
    ) throws(PictureFault) -> (levels: [UInt8], labels: [Int32], region: Int32) {
        let image = try PictureFault.naming(path, in: folder, RGBImage.init(contentsOf:))
        let mask = try PictureFault.naming(maskPath, in: folder, DefectMask.init(contentsOf:))
        guard mask.size == image.size else {
            throw PictureFault(path: maskPath, reason: "the mask is \(mask.size), its image \(image.size).")
        }
        let scaled = mask.resized(to: picture.size), sizes = scaled.regionSizes
        guard let largest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }) else {
            throw PictureFault(path: maskPath, reason: "the mask of a defective image shows nothing.")
        }
        let levels = try image.levels(path, in: picture.size, with: kernels)
        return (levels, scaled.labels, Int32(largest + 1))
    }
}
