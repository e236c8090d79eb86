/// Several sources as one.
extension Node {
    /// This node with `later` over it: tables merge, arrays of tables append, anything else is replaced.
    package func merged(with later: Node) -> Node {
        switch (value, later.value) {
        case (.table(var table), .table(let over)):
            for key in over.keys {
                guard let node = over[key] else { continue }
                table[key] = table[key]?.merged(with: node) ?? node
            }
            return Node(.table(table), origin: origin)
        case (.list(let list), .list(let more)) where list.areTables && more.areTables:
            return Node(.list(list + more), origin: origin)
        // What was refused is replaced, but does not replace: its finding is enough.
        case (_, .refused): return self
        default: return later
        }
    }
}

extension [Node] {
    fileprivate var areTables: Bool { !isEmpty && allSatisfy { $0.table != nil } }
}
