/// All types of a station sorted anew, as it comes from outside the daemon: by embeddings' numbers.
package struct TypeRevision: Codable, Sendable, Hashable {
    package var inspections: [Book]

    /// What is known of one inspection's defects.
    package struct Book: Codable, Sendable, Hashable {
        /// The number of its name.
        package var number: UInt32
        /// The types that were there when it was made.
        package var types: [UInt16]
        package var clusters: [Cluster]

        package init(number: UInt32, types: [UInt16], clusters: [Cluster]) {
            (self.number, self.types, self.clusters) = (number, types, clusters)
        }
    }

    package struct Cluster: Codable, Sendable, Hashable {
        /// The type whose number and name it keeps; nil: it gets a new one.
        package var keeps: UInt16?
        package var parents: [UInt16]
        package var members: [Int64]

        package init(keeps: UInt16?, parents: [UInt16], members: [Int64]) {
            (self.keeps, self.parents, self.members) = (keeps, parents, members)
        }
    }

    package init(inspections: [Book]) { self.inspections = inspections }
}

extension DefectTypes {
    /// A kept defect with the type that it is of, 0 for none.
    package struct Kept: Sendable {
        package let type: UInt16
        package let stray: Stray

        package init(type: UInt16, stray: Stray) { (self.type, self.stray) = (type, stray) }
    }

    /// What a revision did.
    package struct Revised: Sendable {
        /// Kept defects that are of another type now, 0 being the bin.
        package var moves: [(members: [Int64], type: UInt16)] = []
        /// Types that are no more, and which type has most of what is kept of them; 0 if none has.
        package var gone: [(old: UInt16, new: UInt16)] = []
        /// Types that are new or have changed.
        package var changed: [UInt16] = []
        /// Of the kept defects that had a type, the share that has another now.
        package var changedShare = 0.0
    }

    /// Puts `clusters` in the place of the types `known`, by `kept`, everything that is kept of this inspection.
    ///
    /// Types that are not among `known` are younger than the revision: they and their defects stay as they are. A stray
    /// that is less like its cluster than any type may ask stays in the bin. Throws `unknown` if one of `known` is no
    /// more, and `tooFewToSplit` of type 0 if no numbers are left.
    package mutating func revise(
        _ clusters: [TypeRevision.Cluster], known: [UInt16], kept: [Kept]
    ) throws(DefectTypeError) -> Revised {
        for id in known { _ = try type(id) }
        let before = Set(known), all = Dictionary(kept.map { ($0.stray.key, $0) }) { first, _ in first }
        var result = Revised(), assigned: [Int64: UInt16] = [:], renewed: [DefectType] = []
        for cluster in clusters {
            let members = cluster.members.compactMap { all[$0] }
                .filter { ($0.type == 0 || before.contains($0.type)) && assigned[$0.stray.key] == nil }
            let old = try cluster.keeps.map { id throws(DefectTypeError) in try type(id) }
            let own = old.map { old in kept.count { $0.type == old.id } } ?? 0
            guard let made = try renew(old, of: members, parents: cluster.parents, had: own) else { continue }
            for member in made.members { assigned[member.stray.key] = made.type.id }
            renewed.append(made.type)
        }
        var moves: [UInt16: [Int64]] = [:], typed = 0, changed = 0
        var heirs: [UInt16: [UInt16: Int]] = [:]
        for defect in kept where defect.type == 0 || before.contains(defect.type) {
            let new = assigned[defect.stray.key] ?? 0
            if defect.type > 0 {
                typed += 1
                changed += new == defect.type ? 0 : 1
                if new > 0 { heirs[defect.type, default: [:]][new, default: 0] += 1 }
            }
            if new != defect.type { moves[new, default: []].append(defect.stray.key) }
        }
        result.moves = moves.keys.sorted().map { (moves[$0] ?? [], $0) }
        result.changedShare = typed == 0 ? 0 : Double(changed) / Double(typed)
        let ids = Set(renewed.map(\.id))
        result.gone = known.filter { !ids.contains($0) }.sorted().map { old in
            let heir = heirs[old]?.max { ($0.value, $1.key) < ($1.value, $0.key) }
            return (old, heir?.key ?? 0)
        }
        result.changed = ids.sorted()
        let entering = kept.filter { before.contains($0.type) && assigned[$0.stray.key] == nil }
        replace(
            known: before, by: renewed, leaving: Set(assigned.keys), entering: entering.map(\.stray))
        return result
    }

    /// A type of `members`, of those of them that are like enough; the old one if there is one, of which `keptCount`
    /// defects are kept. nil without members.
    private mutating func renew(
        _ old: DefectType?, of members: [Kept], parents: [UInt16], had keptCount: Int
    ) throws(DefectTypeError) -> (type: DefectType, members: [Kept])? {
        guard !members.isEmpty else { return nil }
        let centre = mean(of: members.map(\.stray.vector.unit))
        let own = members.filter {
            $0.type > 0 || product($0.stray.vector.unit, centre) >= settings.thresholds.lowerBound
        }
        guard let first = own.first, let id = old?.id ?? newID() else {
            if own.isEmpty { return nil }
            throw .tooFewToSplit(0, count: members.count)
        }
        let similarities = own.map { product($0.stray.vector.unit, centre) }
        let alike = own.indices.sorted { (similarities[$1], $0) < (similarities[$0], $1) }
        let times = own.map(\.stray.time)
        var type = DefectType(
            id: id, name: old?.name, centre: centre,
            count: max(own.count, old.map { $0.count + own.count - keptCount } ?? 0),
            threshold: old?.threshold ?? settings.startThreshold,
            firstSeen: min(times.min() ?? first.stray.time, old?.firstSeen ?? .max),
            lastSeen: max(times.max() ?? first.stray.time, old?.lastSeen ?? .min),
            parents: old?.parents ?? parents,
            exemplars: alike.prefix(DefectType.exemplarCapacity).map { own[$0].stray.key },
            recent: similarities.suffix(DefectType.recentCapacity))
        type.settle(within: settings.thresholds)
        return (type, own)
    }

    private func mean(of vectors: [[Float]]) -> [Float] {
        var sum = [Float](repeating: 0, count: vectors[0].count)
        for vector in vectors { for index in sum.indices { sum[index] += vector[index] } }
        return normalised(sum)
    }
}
