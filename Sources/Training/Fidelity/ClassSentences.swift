package import AnomalyModels

/// The 48 sentences about one kind of part: 28 of a good one, then 20 of a bad one.
package struct ClassSentences: Sendable {
    /// As they are encoded.
    package let texts: [String]
    /// Their token ids with start and end, not padded.
    package let ids: [[Int32]]

    /// The sentences of a good part come first: so many of them.
    package static let goodCount = good.count * templates.count

    private static let good = [
        "{}", "flawless {}", "perfect {}", "unblemished {}", "{} without flaw", "{} without defect",
        "{} without damage",
    ]
    private static let bad = ["damaged {}", "broken {}", "{} with flaw", "{} with defect", "{} with damage"]
    private static let templates = [
        "a bad photo of a {}.", "a low resolution photo of the {}.", "a bad photo of the {}.",
        "a cropped photo of the {}.",
    ]

    /// Those about a part called `name`; a hyphen counts as a space. Names in any script are encoded, as bytes
    /// where the vocabulary has no better.
    ///
    /// Throws `className` if it has no letter or digit, a control character, one of the tokenizer's marks, or if
    /// a sentence becomes too long.
    package init(className name: String, _ tokenizer: BytePairTokenizer) throws(FidelityError) {
        guard name.unicodeScalars.contains(where: Self.isSpoken) else {
            throw .className(
                name, reason: "it has no letter or digit; say what the part is, as in 'metal nut'")
        }
        if name.contains("<|") {
            throw .className(name, reason: "'<|' marks the tokenizer's own words; leave it out")
        }
        let plain = String(name.map { $0 == "-" ? " " : $0 })
        let texts = (Self.good + Self.bad).flatMap { state in
            Self.templates.map { template in
                template.replacing("{}", with: state.replacing("{}", with: plain))
            }
        }
        var ids: [[Int32]] = []
        for text in texts {
            do { ids.append(try tokenizer.encode(text)) } catch {
                throw .className(name, reason: "in the sentence '\(text.prefix(120))', \(error)".withoutStop)
            }
        }
        (self.texts, self.ids) = (texts, ids)
    }

    private static func isSpoken(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}

extension String {
    /// Without the full stop at its end.
    fileprivate var withoutStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
