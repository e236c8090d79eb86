package import Imaging

/// A kind of industrial thing or material to practise on: its names, its defects with the words for them,
/// and any number of products, each with any number of samples.
///
/// A product is a fixed design, drawn from its seed: colours, pitch, sizes, layout, camera and lamp. A sample
/// is one part of it, or one piece of the material, with the drifts and the noise of a line. Equal arguments
/// give equal bytes on every machine.
package struct PracticeKind: Sendable {
    /// English names, the plainest first.
    package let names: [String]
    /// Whether it fills the frame; else it lies on a ground.
    package let isTexture: Bool
    /// What can be wrong with it.
    let faults: [PracticeFault]
    let making: Making

    /// How its pictures come about.
    enum Making: Sendable {
        /// Fixes the design of a product; what it returns paints a sample.
        case painted(@Sendable (inout Random) -> PracticeWork)
        /// A surface of the simulated line.
        case line(Surface)
    }

    /// Whether it is a surface of the simulated line.
    package var isOfLine: Bool {
        if case .line = making { true } else { false }
    }

    /// The words for what can be wrong with it, each once.
    package var stateWords: [String] {
        faults.reduce(into: []) { words, fault in
            if !words.contains(fault.state) { words.append(fault.state) }
        }
    }

    static func texture(
        _ names: [String], _ faults: [PracticeFault],
        _ design: @escaping @Sendable (inout Random) -> PracticeWork
    ) -> PracticeKind {
        PracticeKind(names: names, isTexture: true, faults: faults, making: .painted(design))
    }

    static func object(
        _ names: [String], _ faults: [PracticeFault],
        _ design: @escaping @Sendable (inout Random) -> PracticeWork
    ) -> PracticeKind {
        PracticeKind(names: names, isTexture: false, faults: faults, making: .painted(design))
    }

    /// Products of different kinds have nothing in common, and new kinds leave the old ones as they were.
    var seed: UInt32 {
        names[0].utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }
}

/// Paints a sample; with an own fault, its defective twin.
typealias PracticeWork = @Sendable (inout PracticeSheet, OwnFault?) -> Void

/// One thing that can be wrong with a kind, and the word for it.
struct PracticeFault: Sendable {
    let state: String
    let painting: Painting

    enum Painting: Sendable {
        /// Drawn over the finished sheet.
        case flaw(PracticeFlaw.Form)
        /// The kind paints itself otherwise; the number says which of its faults.
        case own(Int)
        /// The simulated line's own.
        case line(DefectKind)
    }
}

/// A fault that the kind itself paints.
struct OwnFault: Sendable {
    let number: Int
    /// For where and how.
    let seed: UInt32

    /// The number drawn for `purpose`, evenly from `low` to `high`.
    @inline(__always)
    func uniform(_ purpose: Int, _ low: Float, _ high: Float) -> Float {
        low + (high - low) * chanced(purpose, 77, seed)
    }

    /// The whole number drawn for `purpose`, from 0 up to `count`.
    @inline(__always)
    func index(_ purpose: Int, below count: Int) -> Int {
        min(Int(chanced(purpose, 78, seed) * Float(count)), count - 1)
    }
}

/// A picture of a practice kind with its ground truth.
package struct PracticeSample: Hashable, Sendable {
    /// Width and height in pixels.
    package let size: Size
    /// `[height, width, 3]`, or `[height, width]` of a grey camera.
    package let pixels: [UInt8]
    /// Whether `pixels` has three bytes a pixel.
    package let isColour: Bool
    /// 255 where it differs from the same sample without its defects, 0 elsewhere: `[height, width]`. All 0 if
    /// and only if `states` is empty.
    package let mask: [UInt8]
    /// What is wrong, as in "scratched"; empty if nothing is.
    package let states: [String]

    /// The picture, a grey one with three equal channels.
    package var image: RGBImage {
        let all = isColour ? pixels : pixels.flatMap { [$0, $0, $0] }
        guard let image = try? RGBImage(size: size, pixels: all) else {
            preconditionFailure("\(all.count) bytes for \(size)")
        }
        return image
    }
}
