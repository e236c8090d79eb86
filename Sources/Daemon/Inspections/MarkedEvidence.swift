import Configuration
package import EventStorage
import Events
package import Imaging
import Inspection
import Logging
import Sockets

/// What marked defects say about a limit: of good parts alone nobody knows what it lets through.
package struct MarkedEvidence {
    /// Lowest score first.
    package let defects: [MarkedDefect]
    package let limit: Float?
    private let median: Float

    /// - Parameters:
    ///   - defects: parts marked as NG that the model of an inspection has judged.
    ///   - regions: where the inspection looks; a defect that was marked elsewhere is not its to find.
    ///   - limit: the score up to which a part is accepted; nil accepts none.
    ///   - median: that of good parts: no limit lies below it.
    package init(_ defects: [MarkedDefect], in regions: [Region], limit: Float?, median: Float) {
        self.defects = defects.filter { defect in
            let box = defect.box
            guard box.width > 0, box.height > 0 else { return true }
            return regions.contains { region in
                Int(box.x) < region.x + region.width && region.x < Int(box.x) + Int(box.width)
                    && Int(box.y) < region.y + region.height && region.y < Int(box.y) + Int(box.height)
            }
        }.sorted { $0.score < $1.score }
        (self.limit, self.median) = (limit, median)
    }

    /// Those that the limit lets through.
    package var accepted: [MarkedDefect] {
        guard let limit else { return [] }
        return defects.filter { $0.score <= limit }
    }

    /// In one line, with what to do; nil where the limit finds every marked defect.
    package func warning(_ inspect: String) -> String? {
        let missed = accepted
        guard let limit, let lowest = missed.first else { return nil }
        let parts = defects.count == 1 ? "1 marked defect" : "\(defects.count) marked defects"
        let advice =
            lowest.score > median
            ? "Set a limit below it ('linewatch threshold set \(inspect) --raw'), or teach again with more good parts."
            : "It scores as good parts do, so no limit finds it: teach again with more good parts."
        return "The limit \(limit) of '\(inspect)' accepts \(missed.count) of \(parts): the lowest scores "
            + "\(lowest.score) (result \(lowest.seq)). \(advice)"
    }

    /// For `threshold.show`, `explain` and `set`.
    var members: [JSONMember] {
        [
            JSONMember("marked_ng", .integer(Int64(defects.count))),
            JSONMember("marked_accepted", .integer(Int64(accepted.count))),
            JSONMember("marked_lowest", defects.first.map { .number(Double($0.score)) } ?? .null),
        ]
    }

    /// The five lowest, each with its picture's number.
    var list: JSONValue {
        .array(
            defects.prefix(5).map { defect in
                .object([
                    JSONMember("seq", .integer(Int64(clamping: defect.seq))),
                    JSONMember("score", .number(Double(defect.score))),
                    JSONMember("accepted", .integer(limit.map { defect.score <= $0 } == true ? 1 : 0)),
                ])
            })
    }
}

extension InspectionControl {
    /// What operators have marked of what the present model of `inspection` has judged. A model that was taught since
    /// has judged none of the older ones: teaching practises with those. Empty if the log cannot be read.
    func evidence(for inspection: ActiveInspection) -> MarkedEvidence {
        let limit = inspection.threshold?.limit
        guard inspection.model != 0,
            let unit = core.unit(UInt8(clamping: inspection.settings.camera)),
            let defects = try? core.log.reader.markedDefects(model: inspection.model, limit: 1_000)
        else { return MarkedEvidence([], in: [], limit: limit, median: 0) }
        let named = unit.settings.roi.filter { inspection.settings.roi.contains($0.name) }.map(\.rect)
        let whole = Region(all: unit.settings.frameSize)
        return MarkedEvidence(
            defects, in: named.isEmpty ? [whole] : named, limit: limit,
            median: inspection.threshold?.median ?? 0)
    }

    /// Says it where the limit of `inspection` accepts what operators have marked as defects.
    func warnOfAcceptedDefects(_ inspection: ActiveInspection) {
        guard let warning = evidence(for: inspection).warning(inspection.settings.name) else { return }
        say(.warning, "model", warning)
    }
}
