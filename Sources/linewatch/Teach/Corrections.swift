internal import AnomalyModels
internal import FoundationEssentials
internal import Imaging
internal import Inspection

/// What operators said of the results of an inspection, as the daemon has kept it in its state folder.
struct Corrections {
    /// Parts that were rejected falsely and are to be learned.
    private(set) var absorbed: [ReferencePicture] = []
    /// Frames with a defect that was missed.
    private(set) var missed: [SelfCheck.MarkedDefect] = []

    init() {}

    /// Reads those of the inspection of `committed`, the oldest first. Throws what is wrong with a file.
    init(_ committed: CommittedSet) throws {
        for path in try Self.pictures(committed, "proposed") {
            absorbed.append(try ReferencePicture(contentsOf: path))
        }
        for path in try Self.pictures(committed, "missed") {
            let text = try String(contentsOfFile: path.dropLast(3) + "box", encoding: .utf8)
            let sides = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
            guard sides.count == 4, sides.allSatisfy({ 0...65_535 ~= $0 }) else {
                throw CommandFailure(
                    "'\(path.dropLast(3))box' is not four numbers. Remove it and its picture.")
            }
            let picture = try ReferencePicture(contentsOf: path)
            var box = Region(x: sides[0], y: sides[1], width: sides[2], height: sides[3])
            // 0 is the whole frame.
            if box.width == 0 || box.height == 0 { box = Region(all: picture.size) }
            missed.append(SelfCheck.MarkedDefect(picture: picture, box: box))
        }
    }

    static func folder(_ committed: CommittedSet, _ name: String) -> String {
        "\(committed.state)/inspections/\(committed.inspect)/\(name)"
    }

    /// PNG files are named by the number of their result.
    private static func pictures(_ committed: CommittedSet, _ name: String) throws -> [String] {
        let folder = folder(committed, name)
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .compactMap { name in name.hasSuffix(".png") ? UInt64(name.dropLast(4)) : nil }
            .sorted().map { "\(folder)/\($0).png" }
    }
}
