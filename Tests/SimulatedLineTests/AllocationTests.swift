import CAllocationCounter
import Imaging
import SimulatedLine
import Testing

struct AllocationTests {
    @Test("frames and lines without a defect allocate nothing after the first", arguments: Lines.all)
    func frames(surface: Surface, form: LineSettings.Form) throws {
        var line = try ProductionLine(Lines.settings(surface, form))
        var memory = [UInt8](repeating: 0, count: 3 * 192 * 144)
        var target = memory.mutableSpan
        // The runtime allocates for a type when it is first used.
        try line.render(part: 0, as: .grey, into: &target)
        if form == .web { try line.render(lines: 0..<200, as: .grey, into: &target) }

        let before = ca_thread_allocations()
        for index in 1..<10 {
            try line.render(part: index, as: .grey, into: &target)
            try line.render(part: index, as: .rgb24, into: &target)
            if form == .web {
                try line.render(lines: 20 * index..<20 * index + 200, as: .grey, into: &target)
            }
        }
        #expect(ca_thread_allocations() - before == 0)
    }
}
