import Imaging
import Inspection
import Platform
import Testing

@Test("tiles cover the region, stay inside, have one size and overlap as asked")
func tiles() {
    var generator = SplitMix64(seed: 11)
    for _ in 0..<500 {
        let region = Region(
            x: .random(in: 0...50, using: &generator), y: .random(in: 0...50, using: &generator),
            width: .random(in: 1...900, using: &generator), height: .random(in: 1...900, using: &generator))
        let side = Int.random(in: 16...400, using: &generator)
        let overlap = Double.random(in: 0...0.5, using: &generator)
        let tiles = TilePlan(region: region, side: side, overlap: overlap).tiles
        #expect(Set(tiles.map { [$0.width, $0.height] }).count == 1)
        let columns = Set(tiles.map(\.x)).sorted()
        let rows = Set(tiles.map(\.y)).sorted()
        #expect(tiles.count == columns.count * rows.count)
        for (starts, first, length, width) in [
            (columns, region.x, region.width, tiles[0].width),
            (rows, region.y, region.height, tiles[0].height),
        ] {
            #expect(starts.first == first)
            #expect(starts.last! + width == first + length)
            for (one, next) in zip(starts, starts.dropFirst()) {
                #expect(next > one)
                #expect(Double(one + width - next) >= Double(width) * overlap - 1)
            }
        }
    }
    let whole = Region(x: 3, y: 4, width: 50, height: 60)
    #expect(TilePlan(region: whole, side: 0, overlap: 0.1).tiles == [whole])
}

/// What `ConnectedRegions` finds, by flooding from every cell.
private func flooded(_ map: [Float], columns: Int, limit: Float) -> Set<[Int]> {
    var seen = Set<Int>()
    var results = Set<[Int]>()
    for start in map.indices where map[start] > limit && !seen.contains(start) {
        var stack = [start]
        var cells: [Int] = []
        seen.insert(start)
        while let cell = stack.popLast() {
            cells.append(cell)
            for dy in -1...1 {
                for dx in -1...1 {
                    let (row, column) = (cell / columns + dy, cell % columns + dx)
                    let next = row * columns + column
                    if column >= 0, column < columns, row >= 0, next < map.count, map[next] > limit,
                        seen.insert(next).inserted
                    {
                        stack.append(next)
                    }
                }
            }
        }
        let (rows, across) = (cells.map { $0 / columns }, cells.map { $0 % columns })
        results.insert([across.min()!, rows.min()!, across.max()! + 1, rows.max()! + 1, cells.count])
    }
    return results
}

@Test("connected regions are those that flooding finds, in maps of every density")
func regionsEqualFlooding() {
    var generator = SplitMix64(seed: 2)
    var finder = ConnectedRegions(cellCount: 400, capacity: 400)
    for round in 0..<400 {
        let columns = Int.random(in: 1...20, using: &generator)
        let rows = Int.random(in: 1...20, using: &generator)
        let density = Float(round % 20) / 20
        let map = (0..<rows * columns).map { _ in
            Float.random(in: 0..<1, using: &generator) < density ? Float(2) : 0
        }
        finder.find(in: map.span, columns: columns, above: 1)
        let found = Set(finder.found.map { [$0.left, $0.top, $0.right, $0.bottom, $0.area] })
        #expect(found == flooded(map, columns: columns, limit: 1))
    }
}

@Test("the highest regions are kept, in order, and the others are counted")
func highest() {
    let map: [Float] = [5, 0, 7, 0, 6, .nan, 9, 0, 8, 8]
    var finder = ConnectedRegions(cellCount: 10, capacity: 3)
    finder.find(in: map.span, columns: 10, above: 1)
    #expect(finder.found.map(\.peak) == [9, 8, 7])
    #expect(finder.found.map(\.mean) == [9, 8, 7])
    #expect(finder.totalCount == 5)
    finder.find(in: map.span, columns: 10, above: 1, minimumArea: 2)
    #expect(finder.found.map(\.area) == [2])
    finder.find(in: map.span, columns: 10, above: 10)
    #expect(finder.found.isEmpty && finder.totalCount == 0)
}
