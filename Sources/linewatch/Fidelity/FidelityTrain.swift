import AnomalyModels
import ArgumentParser
import Evaluation
import Imaging
import Platform
import Tensors
import Training

/// `linewatch model fidelity train`: heads for a CLIP, trained as AdaCLIP's authors do.
struct FidelityTrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains AdaCLIP heads for a CLIP on labelled images.",
        discussion: """
            Takes one image a step: defective ones with a mask, and good ones. AdamW with rate 0.01, betas 0.5 and \
            0.999, decay 0.01, no schedule. Writes the heads after each epoch, bound to the tower; pack them with \
            'linewatch model import --adaclip'. Never evaluate on the sets that were trained on.
            """)

    @Argument(help: "The checkpoint of the CLIP, a safetensors file.")
    var checkpoint: String

    @Option(help: "The unpacked merges of its tokenizer.")
    var vocabulary: String

    @Option(name: .shortAndLong, help: "The file for the heads.")
    var output: String

    @Option(help: "The folder with the data sets.")
    var data: String

    @Option(name: .customLong("set"), help: "Names of data sets, with commas between. Default: all in DIR.")
    var sets: String?

    @Option(help: "What the CLIP was trained with, where the file does not say so.")
    var activation: Architecture.Activation?

    @Option(help: "Side of the square input in pixels, a multiple of the patch. Default: the tower's own.")
    var side: Int?

    @Option(
        name: .customLong("switch"),
        help: "Compute otherwise than the authors: \(FidelitySettings.switchList). May be given again.")
    var switches: [String] = []

    @Option(help: "Times that every image is seen (1...1000).")
    var epochs = 5

    @Option(help: "End after so many steps.")
    var steps: Int?

    @Option(help: "Seed of the first values and of the order.")
    var seed: UInt64 = 111

    @Option(help: "Threads (1...64).")
    var threads = 2

    func validate() throws {
        guard 1...1000 ~= epochs else { throw ValidationError("--epochs \(epochs) is not in 1...1000.") }
        guard steps ?? 1 > 0 else { throw ValidationError("--steps is at least 1, not \(steps ?? 0).") }
        guard 1...64 ~= threads else { throw ValidationError("--threads \(threads) is not in 1...64.") }
        do { _ = try settings() } catch { throw ValidationError("\(error)") }
    }

    private func settings() throws(FidelityError) -> FidelitySettings {
        var settings = FidelitySettings()
        for text in switches { try settings.set(text) }
        return settings
    }

    func run() throws {
        OpenBLAS.relaunchWithBestKernel()
        let (tower, tokenizer) = try opened()
        let heads = FidelityHeads(for: tower, seed: seed)
        let trainer = FidelityTrainer(
            FidelityNetwork(tower, heads, try settings()), workers: try Workers(count: threads))
        let collection = try ImageCollection(folder: data)
        let samples = try Self.samples(in: collection, sets: sets)
        let sentences = try Dictionary(
            uniqueKeysWithValues: Set(samples.map(\.dataSet)).sorted().map { name in
                (name, try ClassSentences(className: name.replacing("_", with: " "), tokenizer))
            })
        print("\(samples.count) images, \(heads.parameters.count) numbers to train, input \(tower.side)")

        let limit = min(steps ?? .max, epochs * samples.count)
        var random = RandomNumbers(seed: seed, stream: "order")
        for epoch in 0..<epochs where trainer.step < limit {
            var total = 0.0, count = 0
            for row in samples.shuffled(using: &random) where trainer.step < limit {
                guard let known = sentences[row.dataSet] else { continue }
                total += try trainer.takeStep([
                    Self.sample(row, in: collection.folder, side: tower.side, known)
                ])
                count += 1
            }
            try heads.file(for: tower).write(to: output)
            print(
                "epoch \(epoch + 1): \(count) steps, mean loss \(decimals(total / Double(max(count, 1)), 4))")
        }
    }

    private func opened() throws -> (FidelityTower, BytePairTokenizer) {
        let found = try CheckpointReader.read(path: checkpoint, activation: activation)
        guard case .clip(let network) = found.architecture else {
            throw CommandFailure(
                "'\(checkpoint)' is \(found.architecture), not a CLIP. Give the checkpoint of one.")
        }
        let tower = try FidelityTower(network, found.weights, side: side)
        let merges = try unsafe MappedFile(vocabulary).withUnsafeBytes { unsafe Array($0) }
        let tokenizer = try BytePairTokenizer(
            vocabulary: merges, size: tower.text.vocabularySize, contextLength: tower.text.contextLength)
        return (tower, tokenizer)
    }

    /// The good images and those with a mask, of what would be scored in these sets.
    private static func samples(
        in collection: ImageCollection, sets: String?
    ) throws -> [DataSetManifest.Row] {
        let names = sets.map { $0.split(separator: ",").map(String.init) } ?? collection.manifest.dataSets
        let rows = try names.flatMap { try FewShotSplit(collection.manifest, dataSet: $0).scored }
        let usable = rows.filter { !$0.isDefective || $0.maskPath != nil }
        guard usable.contains(where: \.isDefective) else {
            throw CommandFailure(
                "No defective image of \(names.joined(separator: ", ")) has a mask. Name other sets.")
        }
        return usable
    }

    private static func sample(
        _ row: DataSetManifest.Row, in folder: String, side: Int, _ sentences: ClassSentences
    ) throws -> FidelityTrainer.Sample {
        let picture = FidelityPicture.tensor(
            of: try RGBImage(contentsOf: folder + "/" + row.path), side: side)
        guard row.isDefective, let path = row.maskPath else {
            let empty = [Float](repeating: 0, count: side * side)
            return .init(picture: picture, mask: empty, sentences: sentences)
        }
        let mask = try DefectMask(contentsOf: folder + "/" + path)
        let levels = mask.labels.map { UInt8($0 > 0 ? 255 : 0) }
        return .init(
            picture: picture, mask: FidelityPicture.target(of: levels, size: mask.size, side: side),
            sentences: sentences)
    }
}
