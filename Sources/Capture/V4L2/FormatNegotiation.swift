internal import CVideo4Linux
internal import Imaging

/// What a camera was asked for, and what it granted.
public struct FormatNegotiation: Hashable, Sendable {
    /// The format of the driver's buffers.
    public var driverFormat: FourCC
    /// How they become frames.
    public var route: CaptureRoute
    /// What the frames look like.
    public var stream: StreamFormat
    /// Bytes of one of the driver's buffers.
    public var bufferByteCount: Int
    /// Frames per second that were asked for; 0 where it was left to the driver.
    public var askedFramesPerSecond: Double
    /// What an operator should know: a conversion and its cost, a rate that was not granted.
    public var remarks: [String]
}

extension VideoNode {
    /// Sets crop, format, size and rate of `settings`, reads each back, and says what was granted.
    ///
    /// Where `settings` leaves the format open, the device's own is taken if it is of use, else the first
    /// one that is. Throws if it grants another format or size than was asked for.
    func negotiate(_ settings: V4L2Settings) throws(VideoError) -> FormatNegotiation {
        if let crop = settings.crop { try setCrop(crop) }
        var record = try FormatRecord(of: self)
        let offered = offeredCodes().map(\.format)
        let wanted = try wantedFormat(settings, current: record.layout.format, offered: offered)
        let route = CaptureRoute(wanted)
        let asked = route == .converted ? FourCC(.rgb24) : wanted
        let size = settings.size ?? record.layout.size
        try record.set(asked, size, on: self)
        let granted = record.layout
        guard granted.format == asked, granted.size == size, granted.planeCount == 1 else {
            guard granted.planeCount == 1 else {
                throw .formatUnusable(
                    path: path, format: "\(granted.format)", reason: "its planes lie in separate buffers")
            }
            throw .formatChanged(
                path: path, asked: "\(asked) \(size)", got: "\(granted.format) \(granted.size)")
        }
        let rate = try setRate(settings.framesPerSecond)
        let pixelFormat = route == .native ? asked.pixelFormat! : .rgb24
        let minimum = pixelFormat.minimumBytesPerRow(width: size.width)
        let step = pixelFormat.granularity
        guard size.isValid, size.width % step.width == 0, size.height % step.height == 0 else {
            throw .formatUnusable(path: path, format: "\(asked)", reason: "\(size) is no multiple of \(step)")
        }
        let bytesPerRow = route == .motionJPEG ? minimum : max(granted.bytesPerRow, minimum)
        return FormatNegotiation(
            driverFormat: asked, route: route,
            stream: StreamFormat(
                pixelFormat: pixelFormat, size: size, bytesPerRow: bytesPerRow, framesPerSecond: rate),
            bufferByteCount: granted.byteCount, askedFramesPerSecond: settings.framesPerSecond,
            remarks: remarks(settings, wanted: wanted, route: route, rate: rate))
    }

    /// Throws `.busy` if another program streams from the device, whose controls are then none of ours.
    ///
    /// Drivers refuse to set a format then, even the one they have.
    func checkFree() throws(VideoError) {
        var record = try FormatRecord(of: self)
        let now = record.layout
        do throws(VideoError) {
            try record.set(now.format, now.size, on: self)
        } catch {
            if case .busy = error { throw error }
        }
    }

    /// Throws if `format` or the size at `path` is no longer what was negotiated.
    func check(_ negotiation: FormatNegotiation) throws(VideoError) {
        let now = try FormatRecord(of: self).layout
        guard now.format == negotiation.driverFormat, now.size == negotiation.stream.size else {
            throw .formatChanged(
                path: path, asked: "\(negotiation.driverFormat) \(negotiation.stream.size)",
                got: "\(now.format) \(now.size)")
        }
    }

    /// Whether the format that `settings` ask for takes libv4l2.
    func needsConversion(_ settings: V4L2Settings) throws(VideoError) -> Bool {
        let current = try FormatRecord(of: self).layout.format
        let wanted = try wantedFormat(
            settings, current: current, offered: offeredCodes().map(\.format))
        return CaptureRoute(wanted) == .converted
    }

    private func wantedFormat(
        _ settings: V4L2Settings, current: FourCC, offered: [FourCC]
    ) throws(VideoError) -> FourCC {
        guard let name = settings.format else {
            if CaptureRoute(current) != .converted { return current }
            return offered.first { CaptureRoute($0) != .converted } ?? current
        }
        guard let format = FourCC(name), offered.isEmpty || offered.contains(format) else {
            throw .formatNotOffered(
                path: path, asked: "'\(name)'", offered: offered.map(\.description))
        }
        return format
    }

    private func remarks(
        _ settings: V4L2Settings, wanted: FourCC, route: CaptureRoute, rate: Double
    ) -> [String] {
        var remarks: [String] = []
        switch route {
        case .native: break
        case .motionJPEG: remarks.append("\(wanted) is decoded to RGB3: compressed, and not exact")
        case .converted: remarks.append("\(wanted) is converted to RGB3 by libv4l2, at a cost per frame")
        }
        let asked = settings.framesPerSecond
        if asked > 0 && abs(rate - asked) > asked / 100 {
            remarks.append("\(asked) frames/s were asked for and \(rate) granted")
        }
        return remarks
    }

    private func setCrop(_ crop: Region) throws(VideoError) {
        var record = v4l2_selection()
        // The single-planar type serves both kinds of device here.
        record.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
        record.target = cv_SEL_TGT_CROP
        record.r = v4l2_rect(
            left: Int32(crop.x), top: Int32(crop.y), width: UInt32(crop.width), height: UInt32(crop.height))
        let code = result(of: cv_S_SELECTION, &record)
        guard code >= 0 else {
            let failure = error(of: "VIDIOC_S_SELECTION", code: -code)
            guard case .refused = failure else { throw failure }
            // Drivers without a crop say so with ENOTTY, EINVAL or ENODATA.
            throw .control(
                path: path, name: "crop",
                reason: "the camera cannot cut out a part (\(errorText(-code))). Leave it out")
        }
        let got = Region(
            x: Int(record.r.left), y: Int(record.r.top), width: Int(record.r.width),
            height: Int(record.r.height))
        guard got == crop else {
            throw .control(
                path: path, name: "crop",
                reason: "the camera makes \(got) of \(crop). Set 'crop' to that, or inside its sensor")
        }
    }

    /// Asks for `rate` frames per second, or leaves it to the driver if it is 0; what the driver then has, 0
    /// if it does not say.
    private func setRate(_ rate: Double) throws(VideoError) -> Double {
        var record = v4l2_streamparm()
        record.type = bufferType
        let code = result(of: cv_G_PARM, &record)
        guard code >= 0, unsafe record.parm.capture.capability & cv_CAP_TIMEPERFRAME != 0 else {
            // A driver without rates says so with one of several codes; a lost device fails the next call.
            return 0
        }
        if rate > 0 {
            unsafe record.parm.capture.timeperframe = v4l2_fract(
                numerator: 1000, denominator: UInt32((rate * 1000).rounded()))
            try call(cv_S_PARM, "S_PARM", &record)
        }
        return unsafe Capture.rate(of: record.parm.capture.timeperframe)
    }
}
