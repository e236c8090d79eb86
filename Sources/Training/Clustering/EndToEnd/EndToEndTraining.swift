internal import AnomalyModels
internal import Imaging

/// FINE-R end to end (METHODS.md 5.2): both trunks learn from the images that are sorted, without labels. Instance loss
/// (NT-Xent) between two views of each image first, then the centres' loss as well, which moves the centres alone.
package struct EndToEndTraining {
    /// How it is trained.
    package struct Settings: Sendable {
        package var widths = [64, 128, 256, 512]
        package var embedding = 128
        package var hasAttention = true
        package var epochs = 200
        package var batch = 64
        package var rate = 3e-4
        package var temperature: Float = 0.5
        package var centreTemperature: Float = 0.1
        /// The epochs before centres join in.
        package var lonelyShare = 0.2

        package init() {}
    }

    /// A picture and where its mark is.
    package struct Picture: Sendable {
        /// RGB, 0...1: `[height, width, 3]`.
        let pixels: [Float]
        /// `[height, width]`, 0...1; nil without auxiliary image.
        let marks: [Float]?

        /// - Precondition: there are three bytes for each mark.
        package init(pixels: [UInt8], marks: [Float]?) {
            precondition(marks.map { 3 * $0.count == pixels.count } ?? true, "marks of another picture")
            self.pixels = pixels.map { Float($0) / 255 }
            self.marks = marks
        }
    }

    private let pictures: [Picture]
    private let size: Size
    private let settings: Settings
    private let extractor: TwoBranchExtractor<Float>
    private let workers: Workers

    /// Trains on square `pictures`, all of `side` pixels, a multiple of 32, all with marks or none; `progress` is told the epochs
    /// done.
    ///
    /// Blocks, for hours at 224 pixels. Throws `TrainingError.notFinite`.
    /// - Precondition: there are two pictures at least.
    package init(
        fitting pictures: [Picture], side: Int, clusters: Int, seed: Int, _ settings: Settings,
        workers: Workers,
        progress: (Int) -> Void = { _ in }
    ) throws {
        precondition(
            pictures.count > 1 && side % 32 == 0
                && pictures.allSatisfy { $0.pixels.count == 3 * side * side }
                && Set(pictures.map { $0.marks == nil }).count == 1, "pictures of \(side)")
        (self.pictures, size) = (pictures, Size(width: side, height: side))
        (self.settings, self.workers) = (settings, workers)
        extractor = TwoBranchExtractor(
            widths: settings.widths, embedding: settings.embedding, hasAttention: settings.hasAttention,
            seed: UInt64(bitPattern: Int64(seed)))
        extractor.parameters.add("centres", [max(clusters, 1), settings.embedding], .zeros, decays: false)
        try train(clusters: clusters, seed: seed, progress)
    }

    private func train(clusters: Int, seed: Int, _ progress: (Int) -> Void) throws {
        let count = pictures.count, batch = min(settings.batch, count)
        let steps = max(1, count / batch) * settings.epochs
        let trainer = Trainer(
            tape: Tape<Float>(workers: workers), optimiser: Adam(extractor.parameters, .init()),
            schedule: Schedule(peak: settings.rate, warmUpSteps: min(5, steps - 1), totalSteps: steps))
        var random = RandomNumbers(seed: UInt64(bitPattern: Int64(seed)), stream: "end to end")
        var order = Array(0..<count), hasCentres = false
        for epoch in 0..<settings.epochs {
            if epoch == Int(Double(settings.epochs) * settings.lonelyShare), clusters > 1 {
                hasCentres = extractor.parameters.placeCentres(among: embeddings, count: clusters, seed: seed)
            }
            order.shuffle(using: &random)
            for first in stride(from: 0, through: count - batch, by: batch) {
                let chosen = order[first..<first + batch]
                let views = (0..<2).flatMap { _ in chosen.map { changed(pictures[$0], &random) } }
                _ = try trainer.takeStep { loss($0, views, hasCentres: hasCentres) }
                if hasCentres { extractor.parameters.normaliseCentres(width: settings.embedding) }
            }
            progress(epoch + 1)
        }
    }

    private func loss(_ tape: Tape<Float>, _ views: [Picture], hasCentres: Bool) -> Tensor<Float> {
        let z = embedded(tape, views), instance = tape.ntXent(z, temperature: settings.temperature)
        guard hasCentres else { return instance }
        // The instance loss alone moves the extractor, as the abstract has it.
        let still = tape.detached(z),
            centres = tape.normalise(tape.parameter("centres", of: extractor.parameters))
        return tape.add(
            instance, tape.centreLoss(.sharpened, still, centres, temperature: settings.centreTemperature))
    }

    private func embedded(_ tape: Tape<Float>, _ pictures: [Picture]) -> Tensor<Float> {
        let shape = [pictures.count, size.height, size.width]
        let marks = pictures.compactMap(\.marks)
        return extractor.embeddings(
            tape, tape.constant(pictures.flatMap(\.pixels), shape + [3]),
            weights: marks.isEmpty ? nil : tape.constant(marks.flatMap { $0 }, shape + [1]))
    }

    /// The unit embedding of each picture, in their order.
    package var embeddings: UnitRows {
        let tape = Tape<Float>(workers: workers, isTraining: false)
        var values: [Float] = []
        for first in stride(from: 0, to: pictures.count, by: settings.batch) {
            tape.begin()
            let part = pictures[first..<min(first + settings.batch, pictures.count)]
            values += tape.values(embedded(tape, Array(part)))
        }
        return UnitRows(values, width: settings.embedding)
    }

    /// A view: turned or mirrored, a part of it in the size of the whole, lighter or darker, picture and marks alike.
    private func changed(_ picture: Picture, _ random: inout RandomNumbers) -> Picture {
        let views = ReferenceViews.turned.all, view = views[random.nextIndex(below: views.count)]
        let side = 0.6 + 0.4 * random.nextUnit()
        let (left, top) = ((1 - side) * random.nextUnit(), (1 - side) * random.nextUnit())
        let (gain, level) = (Float(0.6 + 0.8 * random.nextUnit()), Float(0.4 * (random.nextUnit() - 0.5)))
        func shown(_ values: [Float], _ channels: Int) -> [Float] {
            let turned = view.of(values, size, channels: channels)
            func place(_ at: Int, _ start: Double, _ length: Int) -> Int {
                min(Int((start + side * (Double(at) + 0.5) / Double(length)) * Double(length)), length - 1)
            }
            return (0..<size.height).flatMap { y in
                (0..<size.width).flatMap { x in
                    let from = place(y, top, size.height) * size.width + place(x, left, size.width)
                    return turned[from * channels..<(from + 1) * channels]
                }
            }
        }
        return Picture(
            values: shown(picture.pixels, 3).map { min(max(($0 - 0.5) * gain + 0.5 + level, 0), 1) },
            marks: picture.marks.map { shown($0, 1) })
    }
}

extension EndToEndTraining.Picture {
    fileprivate init(values: [Float], marks: [Float]?) { (pixels, self.marks) = (values, marks) }
}
