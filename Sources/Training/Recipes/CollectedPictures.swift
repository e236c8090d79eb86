package import Evaluation
internal import Imaging
package import Kernels

/// Pictures of data sets from outside, for weights that are not shipped: as they are, and good ones with synthetic
/// anomalies, turned and exposed as chance has it.
///
/// Picture `index` depends on the seed, the rows and the index alone.
package struct CollectedPictures: Sendable {
    private let rows: [String: [DataSetManifest.Row]]
    private let sets: [String]
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
        self.rows = Dictionary(
            grouping: rows.filter { !$0.isDefective || $0.maskPath != nil }, by: \.dataSet)
        sets = self.rows.keys.sorted()
        (self.folder, self.side, self.seed, self.nouns) = (folder, side, seed, nouns)
        self.kernels = kernels
    }

    package var isEmpty: Bool { rows.isEmpty }

    /// The set that picture `index` is from.
    package func dataSet(_ index: Int) -> String { sets[index % sets.count] }

    /// Reads a picture; sets come up equally often. A file that cannot be used is noted in `faults`, and another
    /// picture of its set takes the place. Blocks.
    ///
    /// Throws `EvaluationError` naming the file if `faults` is strict, or if the set has no picture that can be used.
    package func picture(_ index: Int, _ faults: inout PictureFaults) throws -> TrainingPicture {
        var random = RandomNumbers(seed: seed, stream: "collected \(index)")
        let set = dataSet(index)
        var candidates = rows[set] ?? []
        while true {
            let place = random.nextIndex(below: candidates.count)
            switch attempt(candidates[place], index, &random) {
            case .success(let picture): return picture
            case .failure(let fault):
                try faults.note(fault)
                candidates.remove(at: place)
                if candidates.isEmpty {
                    throw EvaluationError.leftOut(path: fault.path, reason: fault.reason)
                }
            }
        }
    }

    private func attempt(
        _ row: DataSetManifest.Row, _ index: Int, _ random: inout RandomNumbers
    ) -> Result<TrainingPicture, PictureFault> {
        do throws(PictureFault) { return .success(try picture(row, index, &random)) } catch {
            return .failure(error)
        }
    }

    private func picture(
        _ row: DataSetManifest.Row, _ index: Int, _ random: inout RandomNumbers
    ) throws(PictureFault) -> TrainingPicture {
        let size = Size(width: side, height: side)
        let image = try PictureFault.naming(row.path, in: folder, RGBImage.init(contentsOf:))
        var picture = Picture(
            size: size, channelCount: 3, levels: try image.levels(row.path, in: size, with: kernels))
        var mask = PixelMask(size: size, pixels: Array(repeating: false, count: size.pixelCount))
        if let path = row.maskPath {
            let drawn = try PictureFault.naming(path, in: folder, RGBImage.init(contentsOf:))
            guard drawn.size == image.size else {
                throw PictureFault(path: path, reason: "the mask is \(drawn.size), its image \(image.size).")
            }
            let levels = try drawn.levels(path, in: size, with: kernels)
            mask = PixelMask(
                size: size, pixels: stride(from: 0, to: levels.count, by: 3).map { levels[$0] >= 64 })
            guard mask.count > 0 else {
                throw PictureFault(path: path, reason: "the mask of a defective image shows nothing.")
            }
        } else if random.nextUnit() < Self.syntheticShare,
            let made = Synthesizer().anomaly(
                in: picture, foreground: PixelMask.foreground(of: picture), seed: random.next(),
                index: UInt64(index))
        {
            (picture, mask) = (made.picture, made.mask)
        }
        let noun = nouns[row.dataSet] ?? row.dataSet.replacing("_", with: " ")
        return TrainingPicture(picture, mask, noun: noun, states: [], side: side, &random)
    }
}

/// An image or a mask that cannot be trained on.
package struct PictureFault: Error, Hashable, Sendable {
    /// Relative to the folder of the data sets.
    package let path: String
    /// In one sentence.
    package let reason: String

    /// What `read` makes of the file at `path` in `folder`, or why it cannot.
    static func naming<Value>(
        _ path: String, in folder: String, _ read: (String) throws(ImagingError) -> Value
    ) throws(PictureFault) -> Value {
        do { return try read("\(folder)/\(path)") } catch {
            throw PictureFault(path: path, reason: "\(error)".replacing("'\(folder)/\(path)'", with: "it"))
        }
    }
}

extension RGBImage {
    /// Its pixels in another size, RGB `[height, width, 3]`, scaled as the camera's frames are; `path` is its file.
    func levels(
        _ path: String, in size: Size, with kernels: KernelTable
    ) throws(PictureFault) -> [UInt8] {
        do {
            let plan = try CameraPlan(
                format: .rgb24, frame: self.size, crop: Region(all: self.size), output: size, range: .full,
                scale: SIMD3(repeating: 1), offset: .zero)
            return withView { plan.tensor(of: $0, with: kernels) }
        } catch { throw PictureFault(path: path, reason: "\(error)") }
    }
}

/// The files that a training left out.
package struct PictureFaults: Sendable {
    /// Whether the first ends the training.
    private let isStrict: Bool
    /// Each once.
    package private(set) var all: [PictureFault] = []

    package init(isStrict: Bool) { self.isStrict = isStrict }

    mutating func note(_ fault: PictureFault) throws {
        if isStrict { throw EvaluationError.leftOut(path: fault.path, reason: fault.reason) }
        if !all.contains(fault) { all.append(fault) }
    }
}
