internal import AnomalyModels
internal import Imaging

// WHERE A MARK IS, PIXEL BY PIXEL
//
//   holes on a lattice, moved nine times, so that each pixel lies in some
//       -> what the surroundings let expect there -> how far the picture is from it
//   a hole about the place that is farthest from it, in four mirror images
//       -> the auxiliary image: that difference in the hole, 0 elsewhere

/// FINE's auxiliary images, made by an encoder-decoder that was trained on the pictures themselves, without labels
/// (METHODS.md 5.2 step 1): a picture less what its surroundings let expect.
package struct InpaintedMarks {
    /// How the encoder-decoder is trained.
    package struct Settings: Sendable, Hashable {
        package var steps = 2000
        package var batch = 12
        package var seed: UInt64 = 0

        package init() {}
    }

    private let network: InpaintingNetwork
    private let workers: Workers
    private let size: Size
    /// Pixels; the lattice is three radii wide and moved by one.
    private let radius: Int

    /// Of a picture's shorter side.
    private static let radiusShare = 1.0 / 7
    /// Of the radius of the holes of the lattice: for the hole about the mark.
    private static let reach: Float = 1.2
    /// Differences below this are no part of a mark.
    private static let floor: Float = 0.3

    /// Trains on `pictures`, all of one size whose sides are multiples of 16; `progress` is told the steps taken.
    ///
    /// Blocks for minutes. Throws `TrainingError.notFinite`.
    /// - Precondition: there is a picture.
    package init(
        fitting pictures: [GreyPicture], _ settings: Settings, workers: Workers,
        progress: (Int) -> Void = { _ in }
    ) throws {
        precondition(!pictures.isEmpty, "no pictures")
        let size = pictures[0].size
        precondition(
            pictures.allSatisfy { $0.size == size } && size.width % InpaintingNetwork.unit == 0
                && size.height % InpaintingNetwork.unit == 0, "pictures of \(size)")
        let network = InpaintingNetwork(seed: settings.seed)
        (self.network, self.workers, self.size) = (network, workers, size)
        radius = max(2, Int(Double(min(size.width, size.height)) * Self.radiusShare))
        var training = InpaintingTraining(
            network, pictures: pictures, steps: settings.steps, batch: settings.batch, seed: settings.seed,
            workers: workers)
        for step in 0..<settings.steps {
            try training.takeStep()
            progress(step + 1)
        }
    }

    /// The auxiliary image of `picture`, `[height, width]`, 0...1. All 0 where nothing is unexpected.
    ///
    /// - Precondition: it has the size of the pictures trained on.
    package func marks(in picture: GreyPicture) -> [Float] {
        precondition(picture.size == size, "\(picture.size), trained on \(size)")
        let unexpected = unexpected(in: picture)
        let peak = unexpected.indices.max { unexpected[$0] < unexpected[$1] } ?? 0
        var hole = [Float](repeating: 0, count: size.pixelCount)
        GreyPicture.draw(
            discAt: Float(peak % size.width), Float(peak / size.width), radius: Float(radius) * Self.reach,
            in: size, into: &hole)
        var sum = [Float](repeating: 0, count: size.pixelCount)
        let views = InpaintingTraining.views
        let filled = filled(
            views.map { $0.of(picture.values, size, channels: 1) },
            views.map { $0.of(hole, size, channels: 1) })
        for (view, filled) in zip(views, filled) {
            for (pixel, value) in view.of(filled, size, channels: 1).enumerated() {
                sum[pixel] += value / Float(views.count)
            }
        }
        return sum.indices.map { pixel in
            let difference = hole[pixel] * (sum[pixel] - picture.values[pixel]).magnitude
            return difference > Self.floor ? difference : 0
        }
    }

    /// How far each pixel, blurred, is from what is expected of it when it lies in a hole.
    private func unexpected(in picture: GreyPicture) -> [Float] {
        let pitch = 3 * radius
        let holes = (0..<9).map { move in
            var mask = [Float](repeating: 0, count: size.pixelCount)
            for y in stride(from: move / 3 * radius, to: size.height + radius, by: pitch) {
                for x in stride(from: move % 3 * radius, to: size.width + radius, by: pitch) {
                    GreyPicture.draw(
                        discAt: Float(x), Float(y), radius: Float(radius), in: size, into: &mask)
                }
            }
            return mask
        }
        var differences = [Float](repeating: 0, count: size.pixelCount), counts = differences
        let views = [[Float]](repeating: picture.values, count: holes.count)
        for (filled, hole) in zip(filled(views, holes), holes) {
            for pixel in filled.indices {
                differences[pixel] += hole[pixel] * (filled[pixel] - picture.values[pixel]).magnitude
                counts[pixel] += hole[pixel]
            }
        }
        for pixel in differences.indices { differences[pixel] /= max(counts[pixel], 1) }
        return blurred(differences)
    }

    /// The mean over a square of a third of the radius to each side.
    private func blurred(_ values: [Float]) -> [Float] {
        let reach = max(1, radius / 3)
        func sums(_ values: [Float], _ length: Int, _ step: Int, _ start: (Int) -> Int, _ lines: Int)
            -> [Float]
        {
            var result = values
            for line in 0..<lines {
                for place in 0..<length {
                    var sum: Float = 0
                    for near in max(0, place - reach)...min(length - 1, place + reach) {
                        sum += values[start(line) + near * step]
                    }
                    result[start(line) + place * step] = sum
                }
            }
            return result
        }
        let across = sums(values, size.width, 1, { $0 * size.width }, size.height)
        return sums(across, size.height, size.width, { $0 }, size.width)
    }

    /// What the network puts into the holes of each picture: grey, 0...1.
    private func filled(_ pictures: [[Float]], _ holes: [[Float]]) -> [[Float]] {
        let tape = Tape<Float>(workers: workers, isTraining: false)
        tape.begin()
        let inputs = zip(pictures, holes).flatMap { InpaintingNetwork.input($0, holes: $1) }
        let shape = [pictures.count, size.height, size.width, 2]
        let blocks = tape.values(tape.sigmoid(network.filled(tape, tape.constant(inputs, shape))))
        let (block, columns) = (InpaintingNetwork.block, size.width / InpaintingNetwork.block)
        return pictures.indices.map { number in
            (0..<size.pixelCount).map { pixel in
                let (y, x) = (pixel / size.width, pixel % size.width)
                let place = (y / block * columns + x / block) * block * block + y % block * block + x % block
                return blocks[number * size.pixelCount + place]
            }
        }
    }
}
