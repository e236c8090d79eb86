import ArgumentParser
import Imaging
import Platform
import Sockets

/// `linewatch image`: the pictures that the daemon keeps.
struct ImageGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Gets pictures that the daemon keeps.", subcommands: [ImageGet.self])
}

/// `linewatch image get`
struct ImageGet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Writes the picture of a result to a file, with the heat-map where there is one.",
        discussion:
            "As it was kept, JPEG or PNG, unless the name ends in .png, .jpg or .jpeg and says otherwise.")

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The number of the result.")
    var seq: UInt64

    @Option(name: .shortAndLong, help: "The file to write; one that is there is replaced.")
    var output: String

    @Flag(help: "Print one JSON document.")
    var json = false

    private struct Report: Encodable {
        let schema = "linewatch.image.get/1"
        let seq: UInt64
        let path: String
        let bytes: Int
        let format: String
    }

    func validate() throws {
        guard seq >= 1, seq < 1 << 53 else { throw ValidationError("SEQ is a number of the log, from 1 on.") }
    }

    func run() throws {
        let kept = try socket.connect().blob(.imageGet, [JSONMember("seq", .integer(Int64(seq)))])
        guard let found = Self.format(kept) else {
            throw CommandFailure(
                "What the daemon sent for \(seq) is neither JPEG nor PNG. Run 'linewatch doctor'.")
        }
        let format = Self.format(ofName: output) ?? found
        let bytes = format == found ? kept : try Self.converted(kept, to: format)
        try writeAtomically(output, bytes)
        let report = Report(seq: seq, path: output, bytes: bytes.count, format: format)
        print(json ? try jsonText(report) : "\(output): \(format), \(readable(bytes: bytes.count))")
    }

    /// What the name of a file promises; nil where it promises nothing.
    private static func format(ofName path: String) -> String? {
        let name = path.lowercased()
        if name.hasSuffix(".png") { return "PNG" }
        return name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") ? "JPEG" : nil
    }

    private static func converted(_ bytes: [UInt8], to format: String) throws -> [UInt8] {
        let image = try RGBImage(encoded: bytes, path: "the daemon's picture")
        return try format == "PNG" ? image.encodedAsPNG() : image.encodedAsJPEG(quality: 95)
    }

    private static func format(_ bytes: [UInt8]) -> String? {
        bytes.starts(with: [0xFF, 0xD8, 0xFF])
            ? "JPEG" : bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) ? "PNG" : nil
    }
}
