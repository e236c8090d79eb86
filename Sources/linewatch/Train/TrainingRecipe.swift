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
extension PromptedRecipe: TrainingRecipe {}
extension SharedHeadRecipe: TrainingRecipe {}
extension LiteVLRecipe: TrainingRecipe {}
extension FineRecipe: TrainingRecipe {}
extension BaselineRecipe: TrainingRecipe {}

/// Which of two recipes of one method a file is: what it calls its tier.
struct RecipeTier: Decodable {
    let tier: String?

    /// Of the file at `path`; nil if it says none, or is no recipe at all: reading it says why.
    init?(toml path: String) throws {
        let text = String(decoding: try ImageFile.bytes(of: path), as: UTF8.self)
        guard let found = try? TOMLDecoder(strictDecoding: false).decode(Self.self, from: text) else {
            return nil
        }
        self = found
    }
}

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
