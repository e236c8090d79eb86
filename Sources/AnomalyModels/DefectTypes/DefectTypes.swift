// HOW TYPES GROW
//
//   a defect   the best type is like enough   and clearly the best      -> that type, which learns from it
//              the best type is like enough   but another is as good    -> that type, ambiguous, nothing is learned
//              no type is like enough                                   -> the bin, id 0, with its vector
//
// After each defect that went to the bin, those in it that lie about it are looked at: enough of them, close to
// their mean and not all from the same hour, become a new type. All of it depends on the defects and their times
// alone: the same stream gives the same ids.

/// The kinds of defects that a station knows, and the bin of those of no kind yet (METHODS.md 5.3).
package struct DefectTypes: Sendable {
    /// The numbers of the method.
    package struct Settings: Sendable, Hashable {
        /// A new type asks this of its members, until it has seen enough of them.
        package var startThreshold: Float = 0.7
        package var thresholds: ClosedRange<Float> = 0.5...0.95
        /// The lead over the second best type below which an assignment is ambiguous.
        package var margin: Float = 0.02
        /// A set in the bin becomes a type with so many members...
        package var promotionCount = 8
        /// ...so similar to their mean...
        package var promotionSimilarity: Float = 0.7
        /// ...from two different spans of this length.
        package var spanMilliseconds: Int64 = 3_600_000
        /// The oldest leave a fuller bin.
        package var binCapacity = 4096

        package init() {}

        /// The numbers for vectors of a head with this `EmbeddingHead.similarity`.
        ///
        /// A type takes what is at least so much like it, however much its members resemble each other: a threshold that
        /// rises with them leaves out the odd ones, which then become types of their own. What becomes a type has to be
        /// closer.
        package init(similarity: Float) {
            (startThreshold, promotionSimilarity) = (similarity, min(0.9, similarity + 0.3))
            thresholds = max(0, similarity - 0.3)...similarity
        }
    }

    /// A defect in the bin.
    package struct Stray: Sendable, Hashable {
        package let key: Int64
        package let vector: DefectVector
        package let time: Int64

        package init(key: Int64, vector: DefectVector, time: Int64) {
            (self.key, self.vector, self.time) = (key, vector, time)
        }
    }

    /// What became of one defect.
    package struct Assignment: Sendable, Hashable {
        /// The type; 0 for the bin.
        package var type: UInt16
        /// The cosine with the type's centre, in the bin with the nearest one's; 0 where there is no type.
        package var similarity: Float
        /// How much less it is like the second best type; 1 where there is none.
        package var lead: Float = 1
        /// Another type is nearly as good.
        package var isAmbiguous = false
        /// The type that this defect completed, and the defects that left the bin for it, this one among them.
        package var promoted: Promotion?

        /// 1 - similarity.
        package var novelty: Float { 1 - similarity }

        /// How sure it is to be of this type rather than of the second best, 0...1: a half where both are as good;
        /// 0 in the bin.
        package var confidence: Float {
            type == 0 ? 0 : 1 / (1 + DefectEmbedder.exponential(-20 * max(lead, 0)))
        }
    }

    package struct Promotion: Sendable, Hashable {
        package let type: UInt16
        package let members: [Int64]
    }

    package let settings: Settings
    /// In rising order of their ids.
    package private(set) var types: [DefectType]
    /// Oldest first.
    package private(set) var bin: [Stray]
    /// The id of the next new type; 0 when all have been given.
    package var nextID: UInt16

    /// What was stored; empty for a new station.
    ///
    /// - Precondition: every id is below `nextID`, unless all were given.
    package init(
        types: [DefectType] = [], bin: [Stray] = [], nextID: UInt16 = 1, settings: Settings = Settings()
    ) {
        precondition(nextID == 0 || types.allSatisfy { $0.id < nextID }, "an id above \(nextID)")
        self.types = types.sorted { $0.id < $1.id }
        (self.bin, self.nextID, self.settings) = (bin, nextID, settings)
        units = bin.map(\.vector.unit)
    }

    /// The vectors of the bin, unpacked.
    private var units: [[Float]]

    /// Assigns the defect `key` with `vector`, seen at `time` in milliseconds since 1970.
    ///
    /// - Precondition: vectors all have the same length.
    package mutating func assign(_ vector: DefectVector, key: Int64, at time: Int64) -> Assignment {
        let unit = vector.unit
        var best = -1, similarity: Float = -.infinity, second: Float = -.infinity
        for (index, type) in types.enumerated() {
            let value = product(unit, type.centre)
            if value > similarity {
                (second, similarity, best) = (similarity, value, index)
            } else {
                second = max(second, value)
            }
        }
        guard best >= 0, similarity >= types[best].threshold else {
            return collect(Stray(key: key, vector: vector, time: time), unit, best >= 0 ? similarity : 0)
        }
        let lead = second > -1 ? similarity - second : 1
        guard lead >= settings.margin else {
            types[best].note(key, at: time)
            return Assignment(type: types[best].id, similarity: similarity, lead: lead, isAmbiguous: true)
        }
        types[best].take(unit, key: key, similarity: similarity, at: time)
        types[best].settle(within: settings.thresholds)
        return Assignment(type: types[best].id, similarity: similarity, lead: lead)
    }

    private mutating func collect(_ stray: Stray, _ unit: [Float], _ similarity: Float) -> Assignment {
        if bin.count >= settings.binCapacity {
            bin.removeFirst(bin.count - settings.binCapacity + 1)
            units.removeFirst(units.count - bin.count)
        }
        bin.append(stray)
        units.append(unit)
        var result = Assignment(type: 0, similarity: similarity)
        guard let members = crowd(about: unit), let promotion = promote(members) else { return result }
        result.promoted = promotion
        (result.type, result.similarity) = (promotion.type, product(unit, types[types.count - 1].centre))
        return result
    }

    /// Places in the bin that make a type: near `unit` first, then near their own mean, until that settles.
    private func crowd(about unit: [Float]) -> [Int]? {
        var centre = unit
        var members: [Int] = []
        for _ in 0..<8 {
            let found = units.indices.filter { product(units[$0], centre) >= settings.promotionSimilarity }
            if found == members { break }
            members = found
            // A crowd of one span is looked at once: it is no type however it settles.
            guard members.count >= settings.promotionCount, spans(members) > 1 else { return nil }
            centre = mean(of: members)
        }
        return spans(members) > 1 ? members : nil
    }

    private func spans(_ members: [Int]) -> Int { Set(members.map { floored(bin[$0].time) }).count }

    private func floored(_ time: Int64) -> Int64 {
        let span = max(settings.spanMilliseconds, 1)
        return time >= 0 ? time / span : (time - span + 1) / span
    }

    private func mean(of members: [Int]) -> [Float] {
        var sum = [Float](repeating: 0, count: units[members[0]].count)
        for member in members { for index in sum.indices { sum[index] += units[member][index] } }
        return normalised(sum)
    }

    /// Puts `renewed` in the place of the types `known`, takes `leaving` out of the bin, and puts `entering` into it.
    mutating func replace(
        known: Set<UInt16>, by renewed: [DefectType], leaving: Set<Int64>, entering: [Stray]
    ) {
        types = (types.filter { !known.contains($0.id) } + renewed).sorted { $0.id < $1.id }
        let here = Set(bin.map(\.key))
        bin = (bin.filter { !leaving.contains($0.key) } + entering.filter { !here.contains($0.key) })
            .sorted { ($0.time, $0.key) < ($1.time, $1.key) }.suffix(settings.binCapacity)
        units = bin.map(\.vector.unit)
    }

    private mutating func promote(_ members: [Int]) -> Promotion? {
        let strays = members.map { bin[$0] }, centre = mean(of: members)
        guard let first = strays.first, let id = newID() else { return nil }
        var type = DefectType(
            id: id, centre: centre, count: 0, threshold: settings.startThreshold, firstSeen: first.time,
            lastSeen: first.time)
        for (member, stray) in zip(members, strays) {
            type.note(stray.key, at: stray.time)
            type.recent.append(product(units[member], centre))
        }
        type.recent = type.recent.suffix(DefectType.recentCapacity)
        type.settle(within: settings.thresholds)
        types.append(type)
        let leaving = Set(members)
        bin = bin.indices.filter { !leaving.contains($0) }.map { bin[$0] }
        units = units.indices.filter { !leaving.contains($0) }.map { units[$0] }
        return Promotion(type: id, members: strays.map(\.key))
    }

    /// 1...65,534, each once. nil when all have been given.
    mutating func newID() -> UInt16? {
        guard nextID > 0 else { return nil }
        let id = nextID
        nextID = id == 65_534 ? 0 : id + 1
        return id
    }
}

extension DefectTypes {
    /// The type `id`. Throws `unknown`.
    package func type(_ id: UInt16) throws(DefectTypeError) -> DefectType { types[try place(of: id)] }

    private func place(of id: UInt16) throws(DefectTypeError) -> Int {
        guard let place = types.firstIndex(where: { $0.id == id }) else {
            throw .unknown(id, known: types.map(\.id))
        }
        return place
    }

    /// Calls type `id` `name`. Throws `unknown`, `badName`, `nameTaken`.
    package mutating func rename(_ id: UInt16, to name: String) throws(DefectTypeError) {
        let place = try place(of: id)
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F ~= $0.value)
        }
        guard 1...64 ~= name.count, isPlain, name.contains(where: { !$0.isWhitespace }) else {
            throw .badName(name)
        }
        if let other = types.first(where: { $0.name == name && $0.id != id }) {
            throw .nameTaken(name, by: other.id)
        }
        types[place].name = name
    }

    /// Puts type `id` into `target`, which keeps its id and its name. Throws `unknown`, `mergedWithItself`.
    package mutating func merge(_ id: UInt16, into target: UInt16) throws(DefectTypeError) {
        guard id != target else { throw .mergedWithItself(id) }
        let from = types[try place(of: id)], place = try place(of: target)
        var type = types[place]
        let share = Float(from.count) / Float(max(1, from.count + type.count))
        type.centre = normalised(zip(type.centre, from.centre).map { $0 * (1 - share) + $1 * share })
        type.count += from.count
        (type.firstSeen, type.lastSeen) = (
            min(type.firstSeen, from.firstSeen), max(type.lastSeen, from.lastSeen)
        )
        type.exemplars = Array((type.exemplars + from.exemplars).prefix(DefectType.exemplarCapacity))
        if !type.parents.contains(id) { type.parents.append(id) }
        // The similarities are those with other centres: begin anew, at the more generous of the two.
        (type.recent, type.next, type.threshold) = ([], 0, min(type.threshold, from.threshold))
        types[place] = type
        types.removeAll { $0.id == id }
    }

    /// Forgets type `id`: defects like it go to the bin again. Throws `unknown`.
    package mutating func forget(_ id: UInt16) throws(DefectTypeError) {
        types.remove(at: try place(of: id))
    }

    /// Splits type `id` into two new ones by what is kept of its defects; `id` is gone. Returns the two types with the
    /// keys of their members.
    ///
    /// The two lie about the members that differ most, or where `apart` names members, these are in the second and the
    /// others with whom they are more alike. Throws `unknown`, and `tooFewToSplit` if fewer than two members
    /// differ or no two ids are left.
    package mutating func split(
        _ id: UInt16, members: [Stray], apart: Set<Int64> = []
    ) throws(DefectTypeError) -> [(type: UInt16, members: [Int64])] {
        let old = types[try place(of: id)], vectors = members.map(\.vector.unit)
        let named = members.indices.filter { apart.contains(members[$0].key) }
        guard let parts = named.isEmpty ? Self.halves(vectors) : Self.parts(vectors, named), nextID > 0,
            nextID < 65_534
        else {
            throw .tooFewToSplit(id, count: members.count)
        }
        types.removeAll { $0.id == id }
        var result: [(type: UInt16, members: [Int64])] = []
        for part in parts {
            guard let new = newID() else { break }
            let strays = part.map { members[$0] }
            var sum = [Float](repeating: 0, count: vectors[0].count)
            for member in part { for index in sum.indices { sum[index] += vectors[member][index] } }
            var type = DefectType(
                id: new, centre: sum, count: 0, threshold: old.threshold, firstSeen: strays[0].time,
                lastSeen: strays[0].time, parents: [id])
            for stray in strays { type.note(stray.key, at: stray.time) }
            types.append(type)
            result.append((new, strays.map(\.key)))
        }
        return result
    }

    /// The vectors at `named` with those that are more like them than like the others, behind the others. nil if none
    /// is left there.
    private static func parts(_ vectors: [[Float]], _ named: [Int]) -> [[Int]]? {
        guard named.count < vectors.count else { return nil }
        let apart = Set(named), others = vectors.indices.filter { !apart.contains($0) }
        let centres = [mean(vectors, others), mean(vectors, named)]
        let isOther = { (index: Int) in
            !apart.contains(index)
                && product(vectors[index], centres[0]) >= product(vectors[index], centres[1])
        }
        let parts = [vectors.indices.filter(isOther), vectors.indices.filter { !isOther($0) }]
        return parts[0].isEmpty ? nil : parts
    }

    private static func mean(_ vectors: [[Float]], _ members: [Int]) -> [Float] {
        var sum = [Float](repeating: 0, count: vectors[0].count)
        for member in members { for index in sum.indices { sum[index] += vectors[member][index] } }
        return normalised(sum)
    }

    /// Two-means begun with the vector farthest from the mean and the one farthest from that. nil if all are equal.
    private static func halves(_ vectors: [[Float]]) -> [[Int]]? {
        guard vectors.count > 1 else { return nil }
        var mean = [Float](repeating: 0, count: vectors[0].count)
        for vector in vectors { for index in mean.indices { mean[index] += vector[index] } }
        func farthest(from centre: [Float]) -> Int {
            vectors.indices.min { product(vectors[$0], centre) < product(vectors[$1], centre) } ?? 0
        }
        let first = farthest(from: normalised(mean)), second = farthest(from: vectors[first])
        guard vectors[first] != vectors[second] else { return nil }
        var centres = [vectors[first], vectors[second]], parts: [[Int]] = [[], []]
        for _ in 0..<30 {
            var next: [[Int]] = [[], []]
            for (index, vector) in vectors.enumerated() {
                next[product(vector, centres[1]) > product(vector, centres[0]) ? 1 : 0].append(index)
            }
            guard next != parts, !next[0].isEmpty, !next[1].isEmpty else { break }
            parts = next
            centres = parts.map { Self.mean(vectors, $0) }
        }
        return parts[0].isEmpty || parts[1].isEmpty ? nil : parts
    }
}
