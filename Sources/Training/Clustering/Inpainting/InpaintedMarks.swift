internal import AnomalyModels
internal import Imaging

// WHAT A MARK IS, PIXEL BY PIXEL
//
//   about the place where the mark is thought to be: a round hole, in four mirror images
//       -> what the surroundings let expect there -> where the picture is far from that
//   a hole that just covers this, whose surroundings tell more
//       -> the auxiliary image: how far the picture is from what is expected now, 0 elsewhere

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

    /// The radius of the hole about a mark, of a picture's shorter side.
    private static let holeShare: Float = 0.17
    /// What the second hole leaves about what was far from the first filling, of a picture's shorter side.
    private static let marginShare: Float = 0.05
    /// Means of 3 x 3 pixels above which a difference may be a mark, and above which it is one: lines that were put
    /// back a pixel beside their place are thinner.
    private static let (likely, certain): (Float, Float) = (0.4, 0.5)
    /// Differences below this are no part of a mark.
    private static let floor: Float = 0.3

    /// Trains on `pictures`, all of one size whose sides are multiples of 16, with a mark at each of `places`, in pixels;
    /// `progress` is told the steps taken.
    ///
    /// Blocks for minutes. Throws `TrainingError.notFinite`.
    /// - Precondition: there is a picture, and a place for each.
    package init(
        fitting pictures: [GreyPicture], marksAt places: [(x: Float, y: Float)], _ settings: Settings,
        workers: Workers, progress: (Int) -> Void = { _ in }
    ) throws {
        precondition(places.count == pictures.count, "\(places.count) places for \(pictures.count) pictures")
        precondition(!pictures.isEmpty, "no pictures")
        let size = pictures[0].size
        precondition(
            pictures.allSatisfy { $0.size == size } && size.width % InpaintingNetwork.unit == 0
                && size.height % InpaintingNetwork.unit == 0, "pictures of \(size)")
        let network = InpaintingNetwork(seed: settings.seed)
        (self.network, self.workers, self.size) = (network, workers, size)
        var training = InpaintingTraining(
            network, pictures: pictures, marksAt: places, steps: settings.steps, batch: settings.batch,
            seed: settings.seed, workers: workers)
        for step in 0..<settings.steps {
            try training.takeStep()
            progress(step + 1)
        }
    }

    /// The auxiliary image of `picture` about `place`, in pixels: `[height, width]`, 0...1. All 0 where nothing is
    /// unexpected.
    ///
    /// - Precondition: it has the size of the pictures trained on.
    package func marks(in picture: GreyPicture, about place: (x: Float, y: Float)) -> [Float] {
        precondition(picture.size == size, "\(picture.size), trained on \(size)")
        let side = Float(min(size.width, size.height))
        var hole = [Float](repeating: 0, count: size.pixelCount)
        GreyPicture.draw(
            discAt: place.x, place.y, radius: max(2, side * Self.holeShare), in: size, into: &hole)
        let near = SquareFilter(size: size, reach: 1)
        let margin = SquareFilter(size: size, reach: max(1, Int(side * Self.marginShare + 0.5)))
        let first = near.means(unexpected(in: picture, hole))
        let about = margin.maxima(first.map { $0 > Self.likely ? 1 : 0 })
        let difference = unexpected(in: picture, zip(hole, about).map { $0 * $1 })
        let mark = near.maxima(near.means(difference).map { $0 > Self.certain ? 1 : 0 })
        return zip(difference, mark).map { $0 > Self.floor ? $0 * $1 : 0 }
    }

    /// How far each pixel in `hole` is from what its surroundings let expect, the mean over mirror images; 0 outside.
    private func unexpected(in picture: GreyPicture, _ hole: [Float]) -> [Float] {
        let views = InpaintingTraining.views
        let filled = filled(
            views.map { $0.of(picture.values, size, channels: 1) },
            views.map { $0.of(hole, size, channels: 1) })
        var sum = [Float](repeating: 0, count: size.pixelCount)
        for (view, filled) in zip(views, filled) {
            for (pixel, value) in view.of(filled, size, channels: 1).enumerated() {
                sum[pixel] += value / Float(views.count)
            }
        }
        return sum.indices.map { hole[$0] * (sum[$0] - picture.values[$0]).magnitude }
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
