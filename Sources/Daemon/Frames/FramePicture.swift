import Capture
package import Imaging
package import Kernels

/// A frame of the memory as a picture file. Allocates; for threads that nobody waits for.
package struct FramePicture {
    private enum Pixels {
        case grey(GreyImage)
        case colour(RGBImage)
    }

    private let pixels: Pixels
    private let heat: (size: Size, values: [UInt8])?

    /// Copies the pixels of `frame`: GREY as they are, everything else as RGB. `heat`: a map in the place of the one
    /// that lies beside the frame.
    ///
    /// Throws `ImagingError` where the frame is no picture.
    package init(
        _ frame: borrowing HeldFrame, heat other: (size: Size, values: [UInt8])? = nil, kernels: KernelTable
    ) throws(ImagingError) {
        guard let view = frame.view else { throw .badFrame("the frame is too short for its format") }
        heat = other ?? frame.heat
        guard view.format == .grey else {
            let plan = try CameraPlan(
                format: view.format, frame: view.size, crop: Region(all: view.size), output: view.size,
                range: .limited, scale: SIMD3(repeating: 1), offset: .zero)
            pixels = .colour(try RGBImage(size: view.size, pixels: plan.tensor(of: view, with: kernels)))
            return
        }
        var grey: [UInt8] = []
        grey.reserveCapacity(view.size.pixelCount)
        for row in 0..<view.size.height {
            // Inside: the view holds every row of its size.
            unsafe grey.append(
                contentsOf: view.bytes[row * view.bytesPerRow..<row * view.bytesPerRow + view.size.width])
        }
        pixels = .grey(try GreyImage(size: view.size, pixels: grey))
    }

    /// The very pixels, as a grey or colour PNG.
    package func png() throws(ImagingError) -> [UInt8] {
        switch pixels {
        case .grey(let image): try image.encodedAsPNG()
        case .colour(let image): try image.encodedAsPNG()
        }
    }

    /// Within the losses of JPEG.
    package func jpeg(quality: Int) throws(ImagingError) -> [UInt8] {
        try colour.encodedAsJPEG(quality: quality)
    }

    /// The picture under its heat-map: what is above the threshold glows from yellow to red. Nil without a map.
    package func heated() throws(ImagingError) -> RGBImage? {
        guard let heat else { return nil }
        let image = try colour
        let size = image.size
        var blended = image.pixels
        let (across, down) = (
            Double(heat.size.width) / Double(size.width), Double(heat.size.height) / Double(size.height)
        )
        for y in 0..<size.height {
            let row = min(Int(Double(y) * down), heat.size.height - 1) * heat.size.width
            for x in 0..<size.width {
                let value = Int(heat.values[row + min(Int(Double(x) * across), heat.size.width - 1)])
                // Below three quarters of the threshold the picture stays as it is.
                guard value > 96 else { continue }
                let share = min(160, 2 * (value - 96)), at = 3 * (y * size.width + x)
                let green = max(0, 220 - 2 * max(0, value - 128))
                for (channel, colour) in [255, green, 0].enumerated() {
                    blended[at + channel] = UInt8(
                        (Int(blended[at + channel]) * (256 - share) + colour * share) >> 8)
                }
            }
        }
        return try RGBImage(size: size, pixels: blended)
    }

    private var colour: RGBImage {
        get throws(ImagingError) {
            switch pixels {
            case .colour(let image): image
            case .grey(let image):
                try RGBImage(size: image.size, pixels: image.pixels.flatMap { [$0, $0, $0] })
            }
        }
    }
}
