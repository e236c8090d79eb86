/// `cfg` of the protocol: a control program compares it with the value it was approved with.
package enum ConfigurationChecksum {
    /// CRC-16/CCITT-FALSE (PROTOCOL section 3) over `settings`, a newline, the model hashes, a newline, and
    /// the calibration ids; hashes and ids are joined by commas.
    ///
    /// - Parameters:
    ///   - settings: The canonical JSON of the effective settings.
    ///   - models: SHA-256 in hexadecimal of each active model, in the order of the configuration.
    ///   - calibrations: The id of each calibration in use, in the same order.
    package static func cfg(settings: String, models: [String], calibrations: [Int]) -> UInt16 {
        let lines = [
            settings, models.joined(separator: ","), calibrations.map(String.init).joined(separator: ","),
        ]
        return crc16(lines.joined(separator: "\n").utf8)
    }

    /// CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, not reflected, no final exclusive or.
    package static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0xFFFF) { remainder, byte in
            (0..<8).reduce(remainder ^ UInt16(byte) << 8) { value, _ in
                value & 0x8000 == 0 ? value << 1 : value << 1 ^ 0x1021
            }
        }
    }
}

extension LoadedSettings {
    /// The effective settings as one line of JSON with sorted keys: equal for equal settings, wherever they
    /// are set.
    package var canonicalJSON: String { settings.value.json }

    /// `cfg` with the models and calibrations in use.
    package func cfg(models: [String], calibrations: [Int]) -> UInt16 {
        ConfigurationChecksum.cfg(settings: canonicalJSON, models: models, calibrations: calibrations)
    }
}
