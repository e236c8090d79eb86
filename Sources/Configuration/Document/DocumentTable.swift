/// A table while its document is read: knows how it was defined, and so what may still be added.
final class DocumentTable {
    /// TOML 1.0, "Table" and "Inline Table": each form may be extended by certain others only.
    enum Form {
        /// Named on the way to another: `a` in `[a.b]`. A later `[a]` may define it.
        case implied
        /// Has a header of its own. A second one is an error.
        case header
        /// Made by a dotted key. Only dotted keys of the same table and headers below it may add to it.
        case dotted
        /// Between braces. Complete.
        case inline
    }

    enum Item {
        case value(Node)
        case table(DocumentTable)
        /// An array of tables, by `[[ ]]`; never empty.
        case tables(TableList)
    }

    /// The elements of an array of tables, growing in place.
    final class TableList {
        var elements: [DocumentTable]
        init(_ first: DocumentTable) { elements = [first] }
    }

    var form: Form
    var origin: Origin
    /// 0 for the root.
    let depth: Int
    private(set) var keys: [String] = []
    private var items: [String: Item] = [:]
    /// Where each key stands first.
    private var origins: [String: Origin] = [:]

    init(_ form: Form, origin: Origin, depth: Int) {
        self.form = form
        self.origin = origin
        self.depth = depth
    }

    subscript(key: String) -> Item? { items[key] }

    /// Where `key` was first named, or nil.
    func origin(of key: String) -> Origin? { origins[key] }

    func set(_ key: String, _ item: Item, origin: Origin) {
        if items[key] == nil {
            keys.append(key)
            origins[key] = origin
        }
        items[key] = item
    }

    /// The table as values. Recursion is bounded by `DocumentReader.maximumDepth`.
    var node: Node {
        var table = NodeTable()
        for key in keys {
            switch items[key] {
            case .value(let node): table[key] = node
            case .table(let inner): table[key] = inner.node
            case .tables(let list):
                table[key] = Node(.list(list.elements.map(\.node)), origin: origins[key] ?? origin)
            case nil: break
            }
        }
        return Node(.table(table), origin: origin)
    }
}
