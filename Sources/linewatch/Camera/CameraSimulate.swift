import ArgumentParser
import Imaging
import Platform
import SimulatedLine

/// `linewatch camera simulate`: frames of the simulated line with their ground truth, or a sheet of them.
struct CameraSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Renders frames of a simulated production line with exact ground truth.",
        discussion: """
            With --output, writes frame-NNNNNN.png for every frame, mask-NNNNNN.png (255 where the defect changes a \
            pixel) for every frame with a defect, and truth.jsonl, one line per frame. With --sheet, writes one \
            picture of good parts and outlined defects instead, PNG or JPEG by its name.
            The same options give the same bytes on every machine.
            """
    )

    @Option(help: "Write a contact sheet to this .png or .jpg file.")
    var sheet: String?

    @Option(help: "Write a sheet of the kinds that models practise on to this .png or .jpg file.")
    var catalogue: String?

    @Option(help: "On the sheet of kinds, only those whose first name contains this.")
    var kind: String?

    @Option(name: .shortAndLong, help: "Write frames into this folder.")
    var output: String?

    @Option(help: "brushed, cast, woven, board, tile or moulding. Default: all on a sheet, else brushed.")
    var surface: String?

    @Option(help: "parts: one part per frame; web: endless material, each frame a segment of it.")
    var form = "parts"

    @Option(help: "Another seed gives other parts (0...4294967295).")
    var seed: UInt32 = 1

    @Option(help: "Columns of a frame.")
    var width = 640

    @Option(help: "Rows of a frame.")
    var height = 480

    @Option(help: "How many frames to write (1...1000000).")
    var frames = 10

    @Option(help: "Of a million frames, so many have a defect (0...1000000).")
    var defects = 20_000

    @Flag(help: "Write colour frames instead of grey ones.")
    var colour = false

    @Flag(help: "Print the lines of truth.jsonl too.")
    var json = false

    func validate() throws {
        guard [sheet, output, catalogue].count(where: { $0 != nil }) == 1 else {
            throw ValidationError(
                "Name a file with --sheet or --catalogue, or a folder with --output, one of the three.")
        }
        guard 1...1_000_000 ~= frames else {
            throw ValidationError("--frames is 1 to 1000000, not \(frames).")
        }
        _ = try chosenSurface()
        guard LineSettings.Form(rawValue: form) != nil else {
            throw ValidationError("--form is 'parts' or 'web', not '\(form)'.")
        }
        if let file = sheet ?? catalogue, !CameraSimulate.isJPEG(file), !file.hasSuffix(".png") {
            throw ValidationError("'\(file)' is no name of a picture. Let it end in .png or .jpg.")
        }
    }

    func run() throws {
        if let sheet {
            try writeSheet(to: sheet)
        } else if let catalogue {
            try writeCatalogue(to: catalogue)
        } else if let output {
            try writeFrames(to: output)
        }
    }

    private func chosenSurface() throws -> Surface? {
        guard let surface else { return nil }
        guard let known = Surface(rawValue: surface) else {
            let names = Surface.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(surface)' is no surface. Choose one of: \(names).")
        }
        return known
    }

    private static func isJPEG(_ path: String) -> Bool { path.hasSuffix(".jpg") || path.hasSuffix(".jpeg") }

    private func writeSheet(to path: String) throws {
        let surfaces = try chosenSurface().map { [$0] } ?? Surface.allCases
        let image = try ContactSheet.drawn(
            of: surfaces, seed: seed, frameSize: Size(width: width, height: height))
        let file =
            try CameraSimulate.isJPEG(path) ? image.encodedAsJPEG(quality: 62) : image.encodedAsPNG()
        try writeAtomically(path, file)
    }

    private func writeCatalogue(to path: String) throws {
        let kinds = PracticeCatalogue.kinds.filter { kind.map($0.names[0].contains) ?? true }
        guard !kinds.isEmpty else {
            let names = PracticeCatalogue.kinds.map(\.names[0]).joined(separator: ", ")
            throw ValidationError("No kind is called '\(kind ?? "")'. There are: \(names).")
        }
        let image = try ContactSheet.drawn(
            of: kinds, seed: seed, frameSize: Size(width: 128, height: 128))
        let file =
            try CameraSimulate.isJPEG(path) ? image.encodedAsJPEG(quality: 80) : image.encodedAsPNG()
        try writeAtomically(path, file)
    }

    private func writeFrames(to folder: String) throws {
        let settings = LineSettings(
            surface: try chosenSurface() ?? .brushed, form: LineSettings.Form(rawValue: form) ?? .parts,
            seed: seed, size: Size(width: width, height: height), defectsPerMillion: defects)
        var line = try ProductionLine(settings)
        try createFolder(folder)
        var truth = ""
        for index in 0..<frames {
            let part = line.part(index)
            let name = CameraSimulate.padded(index)
            let picture =
                try colour
                ? part.colour.encodedAsPNG() : GreyImage(size: part.size, pixels: part.grey).encodedAsPNG()
            try writeAtomically("\(folder)/frame-\(name).png", picture)
            if part.defect != nil {
                let mask = try GreyImage(size: part.size, pixels: part.mask).encodedAsPNG()
                try writeAtomically("\(folder)/mask-\(name).png", mask)
            }
            let text = try FrameTruth(part, settings).jsonLine()
            truth += text + "\n"
            if json { print(text) }
        }
        try writeAtomically("\(folder)/truth.jsonl", Array(truth.utf8))
    }

    private static func padded(_ index: Int) -> String {
        let digits = String(index)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}
