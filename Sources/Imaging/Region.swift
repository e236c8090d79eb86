/// Width and height in pixels.
public struct Size: Hashable, Sendable, CustomStringConvertible {
    /// Pixels from left to right.
    public var width: Int
    /// Pixels from top to bottom.
    public var height: Int

    /// Any size, valid or not.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// The largest width and height that any image here may have.
    public static let maximumSide = 16_384

    /// Whether both sides are 1 to `maximumSide`.
    public var isValid: Bool {
        (1...Size.maximumSide).contains(width) && (1...Size.maximumSide).contains(height)
    }

    /// Width times height.
    public var pixelCount: Int { width * height }

    /// `1280x720`.
    public var description: String { "\(width)x\(height)" }
}

/// A rectangle of pixels. The origin is the top left corner of the frame; y grows downwards.
public struct Region: Hashable, Sendable, CustomStringConvertible {
    /// The leftmost column.
    public var x: Int
    /// The topmost row.
    public var y: Int
    /// The number of columns.
    public var width: Int
    /// The number of rows.
    public var height: Int

    /// Any rectangle, empty ones too.
    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// All of a frame of `size`.
    public init(all size: Size) {
        self.init(x: 0, y: 0, width: size.width, height: size.height)
    }

    /// Width and height.
    public var size: Size { Size(width: width, height: height) }

    /// Whether it has no pixel.
    public var isEmpty: Bool { width <= 0 || height <= 0 }

    /// Whether it has at least one pixel and all of its pixels are in a frame of `size`.
    public func isContained(in size: Size) -> Bool {
        !isEmpty && x >= 0 && y >= 0 && width <= size.width && height <= size.height
            && x <= size.width - width && y <= size.height - height
    }

    /// The part of it inside a frame of `size`, or nil if none is.
    public func clipped(to size: Size) -> Region? {
        guard !isEmpty else { return nil }
        let left = max(x, 0), top = max(y, 0)
        // A sum that overflows lies beyond every frame.
        let (right, tooWide) = x.addingReportingOverflow(width)
        let (bottom, tooHigh) = y.addingReportingOverflow(height)
        let part = Region(
            x: left, y: top,
            width: (tooWide ? size.width : min(right, size.width)) - left,
            height: (tooHigh ? size.height : min(bottom, size.height)) - top)
        return part.isEmpty ? nil : part
    }

    /// `640x480+10+20`.
    public var description: String { "\(width)x\(height)+\(x)+\(y)" }
}
