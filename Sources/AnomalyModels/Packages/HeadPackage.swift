package import ModelPackages

/// A package that computes nothing alone: its input is what the networks of other packages give out.
package struct HeadPackage: Sendable, Hashable {
    /// What it is, in words.
    package let summary: String
    /// The packages that it was made for: with others it is refused.
    package let bases: [PatchBank.Trunk]

    private static let readers:
        [String: @Sendable (ModelPackage, ModelLocator) throws(ModelError) -> HeadPackage] = [
            ZeroShotHead.architectureName: { package, _ throws(ModelError) in
                let head = try ZeroShotHead(of: package)
                return HeadPackage(
                    summary: "AdaCLIP-E, a hidden layer of \(head.hidden)",
                    bases: [head.trunk, try ZeroShotHead.text(of: package)])
            },
            PromptedHead.architectureName: { package, locator throws(ModelError) in
                let base = try PromptedHead.tower(of: package), tower: ModelPackage
                do throws(ModelPackageError) {
                    tower = try ModelPackage(opening: try locator.find(base.name), verifyingHashes: false)
                } catch { throw .package(error) }
                let head = try PromptedHead(of: package, tower: tower)
                return HeadPackage(
                    summary: "AdaCLIP-E with \(head.layout.kind.rawValue) prompts",
                    bases: [base, try ZeroShotHead.text(of: package)])
            },
            SharedHead.architectureName: { package, _ throws(ModelError) in
                HeadPackage(summary: "the head of VTFusion", bases: [try SharedHead(of: package).trunk])
            },
            EmbeddingHead.architectureName: { package, _ throws(ModelError) in
                let head = try EmbeddingHead(of: package)
                return HeadPackage(
                    summary: "FINE-E, defects in \(head.width) numbers",
                    bases: [try EmbeddingHead.trunk(of: package)])
            },
            PatchBank.architectureName: { package, _ throws(ModelError) in
                let bank = try PatchBank(of: package)
                return HeadPackage(
                    summary: "patches of \(counted(bank.references, "good part"))", bases: [bank.trunk])
            },
            TaughtProduct.architectureName: { package, _ throws(ModelError) in
                let product = try TaughtProduct(of: package)
                return HeadPackage(
                    summary: "'\(product.name)', taught with \(counted(product.referenceCount, "good part"))",
                    bases: [product.trunk])
            },
        ]

    package static let architectureNames: [String] = readers.keys.sorted()

    private init(summary: String, bases: [PatchBank.Trunk]) { (self.summary, self.bases) = (summary, bases) }

    /// nil if the architecture of `package` is none of `architectureNames`. Throws `configuration` or `package` with
    /// what is wrong with its numbers; of a head on a tower, whose sizes are the tower's, also if `locator` does not
    /// find that.
    package init?(of package: ModelPackage, near locator: ModelLocator) throws(ModelError) {
        guard let reader = Self.readers[package.manifest.architecture] else { return nil }
        self = try reader(package, locator)
    }
}

private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
