import Capture
import Glibc
import Imaging
import Testing

struct FormatTests {
    @Test("every pixel format has V4L2's code and spelling")
    func codes() {
        for format in PixelFormat.allCases {
            #expect(FourCC(format).description == format.rawValue)
            #expect(FourCC(format).pixelFormat == format)
        }
        #expect(FourCC("Y10")?.rawValue == 0x2030_3159)
        #expect(FourCC("Y16-BE")?.rawValue == 0xa036_3159)
        #expect(FourCC("") == nil && FourCC("GREYS") == nil && FourCC("Ä") == nil)
    }

    @Test("a format that the camera lacks is refused with those it has")
    func missing() {
        var run = CameraRun { $0.format = "NV12" }
        run.run(milliseconds: 1000)
        #expect(run.count(of: .streaming) == 0)
        #expect(
            run.camera.lastError?.description.hasSuffix(
                "has no format 'NV12'. Choose one of: GREY, YUYV, MJPG.") == true)
    }

    @Test("no control is set of a device that another program streams from")
    func busy() {
        let device = ScriptedDevice()
        // The device has no controls to set: without the question before, that would be the error.
        var run = CameraRun(device) { $0.controls = [V4L2Settings.Control("brightness", 3)] }
        device.failures[.setFormat] = [EBUSY]
        run.run(milliseconds: 50)
        #expect(run.camera.lastError?.description.contains("is in use by") == true)
        run.run(milliseconds: 500)
        #expect(run.camera.lastError?.description.contains("control 'brightness'") == true)
    }

    @Test("a crop that the camera cannot make is refused as a crop")
    func crop() {
        var run = CameraRun { $0.crop = Region(x: 0, y: 0, width: 32, height: 32) }
        run.run(milliseconds: 50)
        #expect(run.camera.lastError?.description.contains("control 'crop': the camera cannot cut") == true)
    }

    @Test("Motion JPEG becomes RGB3; a picture that is cut off is marked as damaged")
    func motionJPEG() throws {
        let device = ScriptedDevice()
        device.content = jpegPicture
        var run = CameraRun(device) {
            $0.format = "MJPG"
            $0.size = Size(width: 16, height: 8)
        }
        let whole = try frame(&run, jpegPicture)
        #expect(whole.isDamaged == false)
        #expect(whole.first.map { abs(Int($0) - 200) < 20 } == true)
        #expect(run.camera.negotiation?.route == .motionJPEG)
        // Cameras fill up with zeros, and forget the end marker's company.
        #expect(try frame(&run, jpegPicture + [0, 0, 0]).isDamaged == false)
        #expect(try frame(&run, Array(jpegPicture.dropLast(40))).isDamaged)
        #expect(try frame(&run, [1, 2, 3]).isDamaged)
    }

    @Test("no mutation of a JPEG picture harms the decoder")
    func fuzz() throws {
        let decoder = try #require(JPEGFrameDecoder())
        let size = Size(width: 16, height: 8)
        var target = [UInt8](repeating: 0, count: 3 * size.pixelCount)
        var state: UInt64 = 7
        for _ in 0..<3000 {
            var bytes = jpegPicture
            for _ in 0..<(1 + state >> 62) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int((state >> 33) % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: state >> 20)
            }
            if state >> 60 == 0 { bytes.removeLast(Int((state >> 30) % UInt64(bytes.count))) }
            unsafe bytes.withUnsafeBytes { source in
                unsafe target.withUnsafeMutableBytes { target in
                    _ = unsafe decoder.decode(source, size: size, into: target)
                }
            }
        }
    }

    private func frame(
        _ run: inout CameraRun, _ content: [UInt8]
    ) throws -> (isDamaged: Bool, first: UInt8?) {
        run.device.content = content
        let frame = try run.nextFrame()
        let first = frame.view.map { unsafe $0.bytes[0] }
        return (frame.header.hasError, first)
    }
}
