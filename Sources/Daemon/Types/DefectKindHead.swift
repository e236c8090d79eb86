import AnomalyModels
import Configuration
import EventStorage
import Events
package import Inspection
import Logging
package import ModelPackages

/// What describes defects, so that kinds of them can be told apart: a head on the patches of one trunk.
package struct DefectKindHead: Sendable {
    private let head: EmbeddingHead
    /// Of the package: vectors of another one mean nothing beside these.
    package let digest: String
    private let trunk: PatchBank.Trunk

    /// How types are told apart with it.
    package var similarity: Float { head.similarity }

    private static let packageName = "fine"

    /// The head that is installed; nil if none is, or none that can be used, which is said once.
    package init?(in locator: ModelLocator, _ journal: DaemonLog) {
        guard let directory = try? locator.find(Self.packageName) else { return nil }
        do {
            try self.init(in: directory)
        } catch {
            journal.say(.error, "model", "Kinds of defects are not told apart: \(error)")
            return nil
        }
    }

    /// The head in the package `directory`. Throws `ModelError` or `ModelPackageError`.
    package init(in directory: String) throws {
        let package = try ModelPackage(opening: directory, verifyingHashes: true)
        head = try EmbeddingHead(of: package)
        trunk = try EmbeddingHead.trunk(of: package)
        digest = package.digest.description
    }

    /// For the inspection `name` with patches of the package `trunk`; nil if the head is for another one.
    package func kinds(of name: String, trunk: ModelPackage) -> InspectionPlan.Kinds? {
        guard trunk.digest.description == self.trunk.digest else { return nil }
        return InspectionPlan.Kinds(
            head: head, trunk: trunk, inspection: DefectDescription.number(of: name))
    }
}

extension TypeLedger {
    /// Goes on with what `log` has, for the inspections of `settings`, and lets it be written from now on.
    convenience init(
        _ log: EventLog, _ kinds: DefectKindHead?, _ settings: Settings, _ journal: DaemonLog
    ) throws {
        try self.init(log.reader, head: kinds?.digest, similarity: kinds?.similarity ?? 0.7)
        know(settings.inspect.map(\.name))
        log.takeTypes(from: source)
        if hasForgotten {
            journal.say(
                .notice, "model",
                "Defects are described by another model than before: their types begin anew, with new numbers."
            )
        }
    }
}
