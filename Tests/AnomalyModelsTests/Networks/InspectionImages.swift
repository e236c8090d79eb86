import Foundation
import Imaging

/// Labelled photographs of industrial surfaces, for evaluation only: `data` beside the published weights.
enum InspectionImages {
    static let folder: String? = TestFiles.weights.map {
        ($0 as NSString).deletingLastPathComponent + "/data"
    }
    .flatMap { FileManager.default.fileExists(atPath: $0 + "/MANIFEST.csv") ? $0 : nil }

    struct Entry {
        let path: String
        let dataset: String
        let defect: String
    }

    /// Every `step`-th line of the manifest whose data set is `dataset` (any if nil).
    static func entries(dataset: String? = nil, every step: Int = 1) throws -> [Entry] {
        guard let folder else { return [] }
        let lines = try String(contentsOfFile: folder + "/MANIFEST.csv", encoding: .utf8).split(
            separator: "\n"
        ).dropFirst()
        let entries = lines.map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        .map { Entry(path: folder + "/" + $0[0], dataset: $0[1], defect: $0[4]) }
        .filter { dataset == nil || $0.dataset == dataset }
        return stride(from: 0, to: entries.count, by: step).map { entries[$0] }
    }

    /// The pixels `[side, side, 3]`, each the mean of the pixels that it covers (or the nearest one).
    static func pixels(_ path: String, side: Int) throws -> [UInt8] {
        let image = try RGBImage(contentsOf: path)
        let (height, width) = (image.size.height, image.size.width)
        var out: [UInt8] = []
        out.reserveCapacity(side * side * 3)
        for y in 0..<side {
            let rows = y * height / side..<max((y + 1) * height / side, y * height / side + 1)
            for x in 0..<side {
                let columns = x * width / side..<max((x + 1) * width / side, x * width / side + 1)
                var sums = (0, 0, 0)
                for row in rows {
                    for column in columns {
                        let at = (row * width + column) * 3
                        sums.0 += Int(image.pixels[at])
                        sums.1 += Int(image.pixels[at + 1])
                        sums.2 += Int(image.pixels[at + 2])
                    }
                }
                let count = rows.count * columns.count
                out += [UInt8(sums.0 / count), UInt8(sums.1 / count), UInt8(sums.2 / count)]
            }
        }
        return out
    }
}
