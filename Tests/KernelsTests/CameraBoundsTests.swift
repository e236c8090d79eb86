import Glibc
import Imaging
import Kernels
import Testing

/// What a camera plan refuses, and what the kernel leaves alone.
struct CameraBoundsTests {
    @Test("neither a byte before nor after the frame is read", arguments: InstructionSet.available)
    func guardPages(instructions: InstructionSet) throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        for format in PixelFormat.allCases {
            for geometry in Geometry.all {
                let frame = NoiseFrame(format, geometry.frame, padding: 10)
                let plan = try CameraPlan(plain: format, geometry)
                // A driver owes no padding behind the last row.
                let count = frame.bytes.count - 10
                let room = (count + page - 1) / page * page
                let map = unsafe try #require(
                    mmap(nil, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
                defer { unsafe munmap(map, room + 2 * page) }
                #expect(unsafe mprotect(map + page, room, PROT_READ | PROT_WRITE) == 0)
                let wanted = try frame.tensor(plan, instructions)
                for start in [page, page + room - count] {
                    let place = unsafe UnsafeMutableRawBufferPointer(start: map + start, count: count)
                    unsafe place.copyBytes(from: frame.bytes.prefix(count))
                    let view = try unsafe ImageView(
                        unsafeBytes: UnsafeRawBufferPointer(place), format: format, size: geometry.frame,
                        bytesPerRow: frame.bytesPerRow)
                    let found = plan.tensor(of: view, with: KernelTable(instructions))
                    #expect(found == wanted, "\(format) \(geometry)")
                }
            }
        }
    }

    @Test(
        "a call writes its rows of the tensor, its scratch memory and nothing else",
        arguments: InstructionSet.available)
    func writesInside(instructions: InstructionSet) throws {
        for format in PixelFormat.allCases {
            for geometry in Geometry.all {
                let frame = NoiseFrame(format, geometry.frame)
                let plan = try CameraPlan(plain: format, geometry)
                let rowBytes = 3 * geometry.output.width
                let rows = geometry.output.height / 2..<geometry.output.height
                var tensor = [UInt8](repeating: 0xA5, count: plan.outputByteCount + 256)
                let scratch = UnsafeMutableRawBufferPointer.allocate(
                    byteCount: plan.scratchByteCount + 256, alignment: 64)
                defer { unsafe scratch.deallocate() }
                unsafe scratch.initializeMemory(as: UInt8.self, repeating: 0xA5)
                try unsafe frame.bytes.withUnsafeBytes { bytes in
                    let view = try unsafe ImageView(
                        unsafeBytes: bytes, format: format, size: geometry.frame,
                        bytesPerRow: frame.bytesPerRow)
                    unsafe tensor.withUnsafeMutableBytes { target in
                        unsafe plan.convert(
                            view, rows: rows, into: target, scratch: scratch, with: KernelTable(instructions))
                    }
                }
                let before = tensor.prefix(rows.lowerBound * rowBytes), after = tensor.suffix(256)
                #expect(
                    before.allSatisfy { $0 == 0xA5 } && after.allSatisfy { $0 == 0xA5 },
                    "\(format) \(geometry)")
                let behind = unsafe scratch.suffix(256).allSatisfy { $0 == 0xA5 }
                #expect(behind, "scratch: \(format) \(geometry)")
            }
        }
    }

    @Test("a crop outside the frame, an empty one and odd sides of paired formats are refused")
    func refusals() {
        let frame = Size(width: 64, height: 48), output = Size(width: 8, height: 8)
        func plan(_ format: PixelFormat, _ frame: Size, _ crop: Region, _ output: Size) throws {
            _ = try CameraPlan(
                format: format, frame: frame, crop: crop, output: output, range: .limited,
                scale: SIMD3(repeating: 1), offset: .zero)
        }
        let whole = Region(all: frame)
        for crop in [
            Region(x: 1, y: 0, width: 64, height: 48), Region(x: -1, y: 0, width: 4, height: 4),
            Region(x: 0, y: 0, width: 0, height: 4), Region(x: 60, y: 44, width: 4, height: 5),
            Region(x: Int.max, y: 0, width: Int.max, height: 1),
        ] {
            #expect(throws: ImagingError.self, "\(crop)") { try plan(.grey, frame, crop, output) }
        }
        #expect(throws: ImagingError.self) { try plan(.grey, frame, whole, Size(width: 0, height: 8)) }
        #expect(throws: ImagingError.self) { try plan(.grey, frame, whole, Size(width: 8, height: 16_385)) }
        let odd = Size(width: 63, height: 47)
        for format in PixelFormat.allCases where format.granularity.width == 2 {
            #expect(throws: ImagingError.self, "\(format)") {
                try plan(format, odd, Region(all: odd), output)
            }
        }
        #expect(throws: Never.self) { try plan(.grey, odd, Region(all: odd), output) }
    }
}
