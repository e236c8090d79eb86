/// A box of a defect in a stream of strips.
public struct StripBox: Hashable, BitwiseCopyable, Sendable {
    /// The strip that it belongs to: any numbers that rise by one from strip to strip.
    public var strip: Int
    /// Leftmost column and columns.
    public var x: Int
    public var width: Int
    /// First line and lines, in the numbers of the stream.
    public var line: Int
    public var lineCount: Int
    /// The last of the strips whose boxes went into it; `strip` until it was merged.
    public var lastStrip: Int

    /// The box `region` of strip `strip`, whose first row is line `firstLine` of the stream.
    public init(_ region: Region, strip: Int, firstLine: Int) {
        self.strip = strip
        lastStrip = strip
        x = region.x
        width = region.width
        line = firstLine + region.y
        lineCount = region.height
    }

    /// Whether the boxes share a pixel or an edge.
    func touches(_ other: StripBox) -> Bool {
        x <= other.x + other.width && other.x <= x + width
            && line <= other.line + other.lineCount && other.line <= line + lineCount
    }
}

/// Which lines a strip covers.
public struct StripLines: Hashable, BitwiseCopyable, Sendable {
    public var strip: Int
    public var first: Int
    public var count: Int

    public init(strip: Int, first: Int, count: Int) {
        (self.strip, self.first, self.count) = (strip, first, count)
    }

    /// Twice the distance of the middle of `box` from these lines; 0 inside.
    func distance(ofCentre box: StripBox) -> Int {
        let centre = 2 * box.line + box.lineCount
        return max(2 * first - centre, centre - 2 * (first + count), 0)
    }
}

/// Who reports a defect that lies where two strips overlap.
public enum StripSeams {
    /// Merges the boxes of neighbouring strips that touch, and gives each to the strip that contains its centre,
    /// the earlier of two. Boxes of one strip stay apart unless a box of its neighbour joins them.
    ///
    /// A merged box is the smallest around its parts and may reach out of its strip. If no strip contains the
    /// centre, because lines are missing, the nearest has it. Allocation-free.
    ///
    /// - Parameters:
    ///   - boxes: the boxes of all `strips`; merged ones take the place of the first of their parts.
    ///   - strips: in rising order of their numbers.
    /// - Complexity: O(n^3) for n boxes if all become one, O(n^2) for the usual few.
    public static func assign(_ boxes: inout [StripBox], among strips: [StripLines]) {
        var isDone = false
        while !isDone {
            isDone = true
            var first = 0
            while first < boxes.count {
                var second = first + 1
                while second < boxes.count {
                    if areJoined(boxes[first], boxes[second]) {
                        merge(boxes[second], into: &boxes[first])
                        boxes.remove(at: second)
                        isDone = false
                    } else {
                        second += 1
                    }
                }
                first += 1
            }
        }
        for index in boxes.indices {
            var best: StripLines?
            for lines in strips {
                guard let found = best else {
                    best = lines
                    continue
                }
                if lines.distance(ofCentre: boxes[index]) < found.distance(ofCentre: boxes[index]) {
                    best = lines
                }
            }
            if let best { boxes[index].strip = best.strip }
        }
    }

    private static func areJoined(_ a: StripBox, _ b: StripBox) -> Bool {
        let isOneStrip = a.strip == a.lastStrip && b.strip == b.lastStrip && a.strip == b.strip
        let areNeighbours = a.strip <= b.lastStrip + 1 && b.strip <= a.lastStrip + 1
        return !isOneStrip && areNeighbours && a.touches(b)
    }

    private static func merge(_ part: StripBox, into whole: inout StripBox) {
        let right = max(whole.x + whole.width, part.x + part.width)
        let end = max(whole.line + whole.lineCount, part.line + part.lineCount)
        whole.x = min(whole.x, part.x)
        whole.line = min(whole.line, part.line)
        whole.width = right - whole.x
        whole.lineCount = end - whole.line
        whole.strip = min(whole.strip, part.strip)
        whole.lastStrip = max(whole.lastStrip, part.lastStrip)
    }
}
