import AnomalyModels
import ArgumentParser
import Evaluation
import Imaging
import Training

/// The input for each data set as an argument: "320x256", or "256" for a square, then "NAME=160x416" for sets
/// that have another, with commas between.
struct InputSizes: ExpressibleByArgument, CustomStringConvertible {
    private let standard: Size
    private var others: [(name: String, size: Size)] = []

    init(standard: Size) { self.standard = standard }

    init?(argument: String) {
        var standard = Size(width: 256, height: 256)
        for (index, part) in argument.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let words = part.split(separator: "=", omittingEmptySubsequences: false)
            guard let size = Self.size(words[words.count - 1]) else { return nil }
            switch words.count {
            case 1 where index == 0: standard = size
            case 2 where !words[0].isEmpty: others.append((String(words[0]), size))
            default: return nil
            }
        }
        self.standard = standard
    }

    subscript(dataSet: String) -> Size { others.first { $0.name == dataSet }?.size ?? standard }

    var description: String {
        (["\(standard)"] + others.map { "\($0.name)=\($0.size)" }).joined(separator: ",")
    }

    private static func size(_ text: Substring) -> Size? {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(sides.count), let width = sides[0], let height = sides[sides.count - 1]
        else { return nil }
        let size = Size(width: width, height: height)
        return size.isValid ? size : nil
    }
}

extension ReferenceViews: ExpressibleByArgument {}

extension DefectFeatures.Auxiliary: ExpressibleByArgument {}

extension SegmentationNetwork.Part: ExpressibleByArgument {}

/// The size of evaluation as an argument: "256" for the area of a square of that side, or "native".
struct EvaluationSide: ExpressibleByArgument, CustomStringConvertible {
    let size: EvaluationSize

    init(square side: Int) { size = .square(side) }

    init?(argument: String) {
        if argument == "native" {
            size = .native
        } else if let side = Int(argument), 16...4096 ~= side {
            size = .square(side)
        } else {
            return nil
        }
    }

    var description: String {
        switch size {
        case .square(let side): "\(side)"
        case .native: "native"
        }
    }
}
