internal import CVideo4Linux
public import Imaging

/// A pixel format that a device has, with its sizes.
public struct OfferedFormat: Hashable, Sendable {
    public var format: FourCC
    /// The driver's words for it.
    public var name: String
    /// How its frames become pictures.
    public var route: CaptureRoute
    public var sizes: [OfferedSize]
}

/// A size that a device has, with the rates it has there.
public struct OfferedSize: Hashable, Sendable {
    public var size: Size
    /// The largest size, if the device has all in between (in steps).
    public var largest: Size?
    /// Frames per second, highest first; empty if the driver does not say.
    public var rates: [Double]
}

/// How the bytes of a driver become a frame.
public enum CaptureRoute: String, Hashable, Sendable {
    /// As they are: the frame is the driver's own memory.
    case native
    /// Motion JPEG, decoded to RGB3 on the camera's thread.
    case motionJPEG = "mjpg"
    /// Through libv4l2, which converts to RGB3 on the camera's thread.
    case converted

    init(_ format: FourCC) {
        self = format.pixelFormat != nil ? .native : format.isJPEG ? .motionJPEG : .converted
    }
}

extension VideoNode {
    /// The capture buffer type of this device.
    var bufferType: UInt32 {
        (capability.isMultiplanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE).rawValue
    }

    /// All formats it has, in the driver's order, without their sizes. What libv4l2 would add is left out.
    func offeredCodes() -> [(format: FourCC, name: String)] {
        var formats: [(FourCC, String)] = []
        for index in 0..<256 as Range<UInt32> {
            var record = v4l2_fmtdesc()
            record.index = index
            record.type = bufferType
            guard result(of: cv_ENUM_FMT, &record) >= 0 else { break }
            guard record.flags & cv_FMT_FLAG_EMULATED == 0 else { continue }
            formats.append((FourCC(rawValue: record.pixelformat), text(of: record.description)))
        }
        return formats
    }

    /// All formats with sizes and rates: some hundred calls.
    func offeredFormats() -> [OfferedFormat] {
        offeredCodes().map { code in
            OfferedFormat(
                format: code.format, name: code.name, route: CaptureRoute(code.format),
                sizes: offeredSizes(of: code.format))
        }
    }

    private func offeredSizes(of format: FourCC) -> [OfferedSize] {
        var sizes: [OfferedSize] = []
        for index in 0..<256 as Range<UInt32> {
            var record = v4l2_frmsizeenum()
            record.index = index
            record.pixel_format = format.rawValue
            guard result(of: cv_ENUM_FRAMESIZES, &record) >= 0 else { break }
            guard record.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue else {
                let range = record.stepwise
                let smallest = Size(width: Int(range.min_width), height: Int(range.min_height))
                let largest = Size(width: Int(range.max_width), height: Int(range.max_height))
                return [
                    OfferedSize(
                        size: smallest, largest: largest, rates: offeredRates(of: format, largest))
                ]
            }
            let sides = record.discrete
            let size = Size(width: Int(sides.width), height: Int(sides.height))
            sizes.append(OfferedSize(size: size, largest: nil, rates: offeredRates(of: format, size)))
        }
        return sizes
    }

    /// Frames per second that the device has for `format` at `size`, highest first.
    func offeredRates(of format: FourCC, _ size: Size) -> [Double] {
        var rates: [Double] = []
        for index in 0..<256 as Range<UInt32> {
            var record = v4l2_frmivalenum()
            record.index = index
            record.pixel_format = format.rawValue
            record.width = UInt32(size.width)
            record.height = UInt32(size.height)
            guard result(of: cv_ENUM_FRAMEINTERVALS, &record) >= 0 else { break }
            guard record.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue else {
                let range = record.stepwise
                rates += [rate(of: range.min), rate(of: range.max)]
                break
            }
            rates.append(rate(of: record.discrete))
        }
        return Set(rates).filter { $0 > 0 }.sorted(by: >)
    }
}

/// Frames per second of an interval; 0 if there is none.
func rate(of interval: v4l2_fract) -> Double {
    interval.numerator == 0 ? 0 : Double(interval.denominator) / Double(interval.numerator)
}
