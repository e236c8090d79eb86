import Foundation
import Imaging
import Kernels
import Testing

/// The camera kernel against OpenCV's resize with INTER_AREA; Golden/camera-opencv.py made the file.
struct CameraGoldenTests {
    private struct Case {
        let frame: NoiseFrame
        let geometry: Geometry
        let output: [UInt8]

        /// One line of the file: a name, eight numbers, two runs of hex.
        init?(_ line: Substring) {
            let words = line.split(separator: " ")
            guard words.count == 11, let format = PixelFormat(rawValue: String(words[0])) else { return nil }
            let n = words[1...8].compactMap { Int($0) }
            guard n.count == 8 else { return nil }
            geometry = Geometry((n[0], n[1]), (n[2], n[3], n[4], n[5]), (n[6], n[7]))
            frame = NoiseFrame(format, geometry.frame, bytes: Case.bytes(words[9]))
            output = Case.bytes(words[10])
        }

        private static func bytes(_ hex: Substring) -> [UInt8] {
            let digits = hex.utf8.map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
            return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }
    }

    @Test("comes within a code of OpenCV, two where OpenCV rounds before it averages")
    func openCV() throws {
        let url = try #require(
            Bundle.module.url(forResource: "camera-opencv", withExtension: "txt", subdirectory: "Golden"))
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        try #require(lines.first?.hasPrefix("# camera-opencv 1,") == true)
        let cases = lines.dropFirst().compactMap { Case($0) }
        try #require(cases.count == lines.count - 1 && !cases.isEmpty)
        for golden in cases {
            let format = golden.frame.format
            let plan = try CameraPlan(plain: format, golden.geometry)
            let tensor = try golden.frame.tensor(plan, .best)
            try #require(tensor.count == golden.output.count)
            let worst = zip(tensor, golden.output).map { abs(Int($0) - Int($1)) }.max() ?? 0
            // OpenCV turns YUV to RGB pixel by pixel, each chroma sample for the pixels of its box as
            // here, and rounds in between.
            #expect(worst <= (format.isYUV ? 2 : 1), "\(format) \(golden.geometry)")
        }
    }
}

extension NoiseFrame {
    /// A given frame without padding.
    init(_ format: PixelFormat, _ size: Size, bytes: [UInt8]) {
        self.format = format
        self.size = size
        bytesPerRow = format.minimumBytesPerRow(width: size.width)
        self.bytes = bytes
    }
}
