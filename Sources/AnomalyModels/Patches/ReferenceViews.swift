package import Imaging

/// How a part may lie before the camera: which turned and mirrored views of a good part are good as well.
package enum ReferenceViews: String, Sendable, Hashable, CaseIterable {
    /// As it was taken.
    case fixed
    /// Also mirrored left to right, top to bottom, and both: 4 views.
    case mirrored
    /// Also turned by quarters: 8 views.
    case turned

    /// The views of an image, as what is done to it.
    package var all: [View] {
        let flips = self == .fixed ? [false] : [false, true]
        return (self == .turned ? [false, true] : [false]).flatMap { isTransposed in
            flips.flatMap { mirrorsRows in
                flips.map { View(isTransposed: isTransposed, mirrorsRows: mirrorsRows, mirrorsColumns: $0) }
            }
        }
    }

    /// One of the eight ways to lay a picture on the grid of its pixels.
    package struct View: Hashable, Sendable {
        /// Rows and columns change places, after the mirroring.
        package let isTransposed: Bool
        let mirrorsRows: Bool
        let mirrorsColumns: Bool

        /// The size of the view of an image of `size`.
        package func size(_ size: Size) -> Size {
            isTransposed ? Size(width: size.height, height: size.width) : size
        }

        /// As it was taken.
        static let plain = View(isTransposed: false, mirrorsRows: false, mirrorsColumns: false)

        /// What lays this view back as the image was taken.
        package var inverse: View {
            isTransposed
                ? View(isTransposed: true, mirrorsRows: mirrorsColumns, mirrorsColumns: mirrorsRows) : self
        }

        /// The view of `pixels`, `[height, width, channels]`.
        package func of<Value>(_ pixels: [Value], _ size: Size, channels: Int) -> [Value] {
            guard self != .plain else { return pixels }
            let out = self.size(size)
            var view = pixels
            var next = 0
            for y in 0..<out.height {
                for x in 0..<out.width {
                    let (column, row) = isTransposed ? (y, x) : (x, y)
                    let from =
                        channels
                        * ((mirrorsRows ? size.height - 1 - row : row) * size.width
                            + (mirrorsColumns ? size.width - 1 - column : column))
                    for channel in 0..<channels { view[next + channel] = pixels[from + channel] }
                    next += channels
                }
            }
            return view
        }
    }
}
