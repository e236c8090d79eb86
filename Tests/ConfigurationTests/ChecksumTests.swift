import Configuration
import Testing

/// `cfg`: the same for the same settings, different for different ones.
struct ChecksumTests {
    @Test("the checksum of the protocol gives its test vector")
    func vector() {
        #expect(ConfigurationChecksum.crc16("123456789".utf8) == 0x29B1)
        #expect(ConfigurationChecksum.crc16([]) == 0xFFFF)
    }

    @Test("canonical settings do not depend on where and how a value is written")
    func canonical() {
        let one = LoadedSettings.of(TestTexts.least + "[drift]\np_alarm = 0.000_001\n[store]\ndays = 0x1E\n")
        let two = LoadedSettings.of("# moved\n" + TestTexts.least)
        #expect(one.lines == [] && two.lines == [])
        #expect(one.canonicalJSON == two.canonicalJSON)
        #expect(one.canonicalJSON.hasPrefix("{\"access\":{\"admins\":[\"@linewatch-admin\"],"))
        #expect(one.canonicalJSON.contains("\"deadline_ms\":80"))
        #expect(!one.canonicalJSON.contains("\n"))
    }

    @Test("a setting, a model and a calibration each change the checksum")
    func sensitive() {
        let least = LoadedSettings.of(TestTexts.least)
        let changed = LoadedSettings.of(TestTexts.least + "deadline_ms = 81\n")
        let values = [
            least.cfg(models: [], calibrations: []), changed.cfg(models: [], calibrations: []),
            least.cfg(models: ["ab"], calibrations: []), least.cfg(models: [], calibrations: [1]),
            least.cfg(models: ["ab"], calibrations: [1, 2]), least.cfg(models: ["ab"], calibrations: [12]),
        ]
        #expect(Set(values).count == values.count)
    }
}
