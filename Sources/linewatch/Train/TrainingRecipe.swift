import ArgumentParser
import Imaging
import TOMLKit
import Training

/// What weights are trained by, in a TOML file.
protocol TrainingRecipe: Decodable {
    /// Also what the package is called.
    var name: String { get }
    /// Why this cannot be trained, in words that name the setting; nil if it can.
    var fault: String? { get }
}

extension ZeroShotRecipe: TrainingRecipe {}
extension SharedHeadRecipe: TrainingRecipe {}
extension LiteVLRecipe: TrainingRecipe {}
extension FineRecipe: TrainingRecipe {}
extension BaselineRecipe: TrainingRecipe {}

extension TrainingRecipe {
    /// Reads a recipe. Throws one line that says what is wrong where.
    init(toml path: String) throws {
        let bytes = try ImageFile.bytes(of: path)
        do {
            self = try TOMLDecoder(strictDecoding: true).decode(
                Self.self, from: String(decoding: bytes, as: UTF8.self))
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
