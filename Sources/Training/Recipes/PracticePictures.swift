package import Imaging
package import SimulatedLine

/// A picture to train with, and what is to be found in it.
package struct TrainingPicture: Sendable, Hashable {
    package let image: RGBImage
    /// Whether each pixel is part of a defect; of the image's size.
    package let mask: PixelMask
    /// What is shown, as in "steel bracket".
    package let noun: String
    /// What is wrong in words, as in "scratched"; empty if nothing is or nothing is known of it.
    package let states: [String]

    package init(image: RGBImage, mask: PixelMask, noun: String, states: [String]) {
        (self.image, self.mask, self.noun, self.states) = (image, mask, noun, states)
    }

    package var isDefective: Bool { mask.count > 0 }
}

/// An endless list of pictures of the kinds to practise on: good parts, parts with the defects of their kind,
/// and parts with synthetic anomalies, turned, mirrored and exposed as chance has it.
///
/// Picture `index` depends on the seed, the kinds and the index alone.
package struct PracticePictures: Sendable {
    package let kinds: [PracticeKind]
    /// Designs of each kind, at least 1.
    package let products: Int
    package let side: Int
    package let seed: UInt64

    /// What share of the pictures shows what; the rest is good.
    package static let ownDefectShare = 0.3
    package static let syntheticShare = 0.3

    package init(kinds: [PracticeKind], products: Int, side: Int, seed: UInt64) {
        precondition(!kinds.isEmpty && products > 0, "\(kinds.count) kinds of \(products) products")
        (self.kinds, self.products, self.side, self.seed) = (kinds, products, side, seed)
    }

    /// Pictures of index i, i + `kinds.count`, ... show one kind, and its products in turn.
    package subscript(index: Int) -> TrainingPicture {
        var random = RandomNumbers(seed: seed, stream: "picture \(index)")
        let kind = kinds[index % kinds.count], round = index / kinds.count
        let share = random.nextUnit()
        let isOwn = share < Self.ownDefectShare
        let isSynthetic = !isOwn && share < Self.ownDefectShare + Self.syntheticShare
        let sample = kind.render(
            product: UInt32(truncatingIfNeeded: seed) &+ UInt32(round % products), sample: round / products,
            defective: isOwn, size: Size(width: side, height: side), colour: random.nextUnit() < 0.6)
        var picture = Picture(sample.image)
        var mask = PixelMask(size: sample.size, pixels: sample.mask.map { $0 > 0 })
        if isSynthetic {
            let foreground = kind.isTexture ? nil : PixelMask.foreground(of: picture)
            if let made = Synthesizer().anomaly(
                in: picture, foreground: foreground, seed: random.next(), index: UInt64(index))
            {
                (picture, mask) = (made.picture, made.mask)
            }
        }
        let noun = kind.names[random.nextIndex(below: kind.names.count)]
        return TrainingPicture(picture, mask, noun: noun, states: sample.states, side: side, &random)
    }
}

extension TrainingPicture {
    /// `picture`, `side` x `side`, turned, mirrored and exposed as chance has it.
    init(
        _ picture: Picture, _ mask: PixelMask, noun: String, states: [String], side: Int,
        _ random: inout RandomNumbers
    ) {
        let turn = Turn(quarter: random.nextIndex(below: 4), isMirrored: random.nextIndex(below: 2) == 1)
        let exposure = Exposure(&random)
        let levels = turn.of(picture.levels, side, channels: 3).map(exposure.level)
        guard let image = try? RGBImage(size: picture.size, pixels: levels) else {
            preconditionFailure("\(levels.count) bytes for \(picture.size)")
        }
        self.init(
            image: image,
            mask: PixelMask(size: picture.size, pixels: turn.of(mask.pixels, side, channels: 1)), noun: noun,
            states: states)
    }
}

/// A square picture turned by quarters and mirrored.
struct Turn {
    let quarter: Int
    let isMirrored: Bool

    func of<Element>(_ pixels: [Element], _ side: Int, channels: Int) -> [Element] {
        let last = side - 1
        var turned: [Element] = []
        turned.reserveCapacity(pixels.count)
        for y in 0..<side {
            for x in 0..<side {
                let column = isMirrored ? last - x : x
                let (fromX, fromY) =
                    switch quarter {
                    case 0: (column, y)
                    case 1: (last - y, column)
                    case 2: (last - column, last - y)
                    default: (y, last - column)
                    }
                let from = (fromY * side + fromX) * channels
                turned.append(contentsOf: pixels[from..<from + channels])
            }
        }
        return turned
    }
}

/// Brightness and contrast, each changed by up to 15 % (METHODS.md 3.4, item 6).
struct Exposure {
    private let gain: Float
    private let offset: Float

    init(_ random: inout RandomNumbers) {
        gain = Float(0.85 + 0.3 * random.nextUnit())
        offset = Float(255 * 0.15 * (2 * random.nextUnit() - 1)) + 127.5 * (1 - gain)
    }

    func level(_ level: UInt8) -> UInt8 { Picture.level(Float(level) * gain + offset) }
}
