import ArgumentParser
import Imaging
import TOMLKit
import Training

extension LiteVLRecipe {
    /// Reads a recipe. Throws one line that says what is wrong where.
    init(toml path: String) throws {
        let bytes = try ImageFile.bytes(of: path)
        do {
            self = try TOMLDecoder(strictDecoding: true).decode(
                LiteVLRecipe.self, from: String(decoding: bytes, as: UTF8.self))
        } catch { throw ValidationError("'\(path)' is no recipe: \(Self.words(error))") }
        if let fault { throw ValidationError("'\(path)': \(fault).") }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing."
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has a value of another type."
        default: "\(error)"
        }
    }
}
