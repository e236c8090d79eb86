package import Evaluation
package import Imaging
package import Kernels

/// Pictures of data sets from outside, for weights that are not shipped: as they are, and good ones with synthetic
/// anomalies, turned and exposed as chance has it.
///
/// Picture `index` depends on the seed, the rows and the index alone.
package struct CollectedPictures: Sendable {
    private let rows: [DataSetManifest.Row]
    private let folder: String
    private let side: Int
    private let seed: UInt64
    private let nouns: [String: String]
    private let kernels: KernelTable
    /// What share of good pictures is given an anomaly.
    package static let syntheticShare = 0.6

    /// Those of `rows` that are good or have a mask, in `folder`.
    ///
    /// - Parameter nouns: what each set shows; its own name where there is none.
    package init(
        rows: [DataSetManifest.Row], folder: String, side: Int, seed: UInt64, nouns: [String: String],
        kernels: KernelTable
    ) {
        self.rows = rows.filter { !$0.isDefective || $0.maskPath != nil }
        (self.folder, self.side, self.seed, self.nouns) = (folder, side, seed, nouns)
        self.kernels = kernels
    }

    package var isEmpty: Bool { rows.isEmpty }

    /// Reads a picture; sets come up equally often. Blocks. Throws `ImagingError` naming the file.
    package func picture(_ index: Int) throws(ImagingError) -> TrainingPicture {
        var random = RandomNumbers(seed: seed, stream: "collected \(index)")
        let sets = Array(Set(rows.map(\.dataSet))).sorted()
        let set = sets[index % sets.count]
        let candidates = rows.filter { $0.dataSet == set }
        let row = candidates[random.nextIndex(below: candidates.count)]
        let size = Size(width: side, height: side)
        var picture = try scaled(row.path, to: size)
        var mask = PixelMask(size: size, pixels: Array(repeating: false, count: size.pixelCount))
        if let path = row.maskPath {
            let grey = try scaled(path, to: size)
            let levels = stride(from: 0, to: grey.levels.count, by: 3).map { grey.levels[$0] }
            mask = PixelMask(size: size, pixels: levels.map { $0 >= 64 })
        } else if random.nextUnit() < Self.syntheticShare,
            let made = Synthesizer().anomaly(
                in: picture, foreground: PixelMask.foreground(of: picture), seed: random.next(),
                index: UInt64(index))
        {
            (picture, mask) = (made.picture, made.mask)
        }
        let noun = nouns[set] ?? set.replacing("_", with: " ")
        return TrainingPicture(picture, mask, noun: noun, states: [], side: side, &random)
    }

    /// The picture at `path`, scaled as the camera's frames are.
    private func scaled(_ path: String, to size: Size) throws(ImagingError) -> Picture {
        let image = try RGBImage(contentsOf: "\(folder)/\(path)")
        let plan = try CameraPlan(
            format: .rgb24, frame: image.size, crop: Region(all: image.size), output: size, range: .full,
            scale: SIMD3(repeating: 1), offset: .zero)
        let levels = image.withView { plan.tensor(of: $0, with: kernels) }
        return Picture(size: size, channelCount: 3, levels: levels)
    }
}
